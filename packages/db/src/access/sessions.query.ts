import { and, desc, eq, gt, isNull, sql } from "drizzle-orm";
import { sessions } from "../schema/access.table.ts";
import type { Administration, Change } from "./administration.ts";

/** The owner of sessions: a member, or the operator (`null`). */
export type SessionOwner = { readonly orgId: string; readonly memberId: string } | null;

/** Returns the valid sessions, newest first. Throws DbError. */
export function listSessions(administration: Administration, owner: SessionOwner) {
  return asOwner(administration, owner, (db) =>
    db
      .select({
        id: sessions.id,
        createdAt: sessions.createdAt,
        lastUsedAt: sessions.lastUsedAt,
        expiresAt: sessions.expiresAt,
        userAgent: sessions.userAgent,
      })
      .from(sessions)
      .where(and(ownedBy(owner), isNull(sessions.revokedAt), gt(sessions.expiresAt, sql`now()`)))
      .orderBy(desc(sessions.createdAt), desc(sessions.id)),
  );
}

/** Ends a session for good. Returns false if the owner has no such valid session. Throws DbError. */
export async function revokeSession(
  administration: Administration,
  owner: SessionOwner,
  id: string,
): Promise<boolean> {
  const revoked = await asOwner(administration, owner, (db) =>
    db
      .update(sessions)
      .set({ revokedAt: sql`now()` })
      .where(and(ownedBy(owner), eq(sessions.id, id), isNull(sessions.revokedAt)))
      .returning({ id: sessions.id }),
  );
  return revoked.length > 0;
}

function ownedBy(owner: SessionOwner) {
  if (owner === null) return isNull(sessions.orgId);
  return and(eq(sessions.orgId, owner.orgId), eq(sessions.memberId, owner.memberId));
}

function asOwner<T>(
  administration: Administration,
  owner: SessionOwner,
  work: (db: Change) => Promise<T>,
): Promise<T> {
  return owner === null ? administration.asOperator(work) : administration.as(owner.orgId, work);
}
