import { and, eq } from "drizzle-orm";
import { shareLinks } from "../schema/access.table.ts";
import type { Queries } from "./reader.ts";

/** Finds a link by the hash of its token; `null` if the organization has none with it. */
export async function findShareLink(db: Queries, orgId: string, tokenHash: Buffer) {
  const [link] = await db
    .select({
      callId: shareLinks.callId,
      expiresAt: shareLinks.expiresAt,
      revokedAt: shareLinks.revokedAt,
    })
    .from(shareLinks)
    .where(and(eq(shareLinks.orgId, orgId), eq(shareLinks.tokenHash, tokenHash)));
  return link ?? null;
}
