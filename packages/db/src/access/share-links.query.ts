import { and, desc, eq, isNull } from "drizzle-orm";
import { shareLinks } from "../schema/access.table.ts";
import type { Change } from "./administration.ts";
import type { Actor } from "./audit.query.ts";
import { noteChange } from "./audit.query.ts";

const columns = {
  id: shareLinks.id,
  callId: shareLinks.callId,
  createdAt: shareLinks.createdAt,
  createdBy: shareLinks.createdBy,
  expiresAt: shareLinks.expiresAt,
  revokedAt: shareLinks.revokedAt,
};

export type ShareLink = Awaited<ReturnType<typeof listShareLinks>>[number];

/** Returns the links of a call, newest first. */
export function listShareLinks(db: Change, orgId: string, callId: string) {
  return db
    .select(columns)
    .from(shareLinks)
    .where(and(eq(shareLinks.orgId, orgId), eq(shareLinks.callId, callId)))
    .orderBy(desc(shareLinks.createdAt), desc(shareLinks.id));
}

type NewLink = {
  readonly orgId: string;
  readonly callId: string;
  readonly author: Actor;
  readonly tokenHash: Buffer;
  readonly expiresAt: Date;
};

/** Creates a link to one call, and adds it to the audit. */
export async function makeShareLink(db: Change, { author, ...link }: NewLink): Promise<ShareLink> {
  const [made] = await db
    .insert(shareLinks)
    .values({ ...link, createdBy: author.name })
    .returning(columns);
  if (made === undefined) throw new Error("the inserted link was not returned");
  await noteChange(db, { orgId: link.orgId, actor: author }, "call.shared", ["call", link.callId], {
    after: { link: made.id, expires_at: made.expiresAt.toISOString() },
  });
  return made;
}

/** Revokes a link. Returns `false` if there is none. A link that was revoked before does not change. */
export async function revokeShareLink(
  db: Change,
  { orgId, id, author }: { readonly orgId: string; readonly id: string; readonly author: Actor },
): Promise<boolean> {
  const key = and(eq(shareLinks.orgId, orgId), eq(shareLinks.id, id));
  const [revoked] = await db
    .update(shareLinks)
    .set({ revokedAt: new Date() })
    .where(and(key, isNull(shareLinks.revokedAt)))
    .returning({ callId: shareLinks.callId });
  if (revoked === undefined)
    return (await db.select({ id: shareLinks.id }).from(shareLinks).where(key)).length > 0;
  await noteChange(db, { orgId, actor: author }, "share_link.revoked", ["call", revoked.callId], {
    before: { link: id },
  });
  return true;
}
