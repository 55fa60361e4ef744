import { and, eq, isNull, lt, sql } from "drizzle-orm";
import { idempotencyKeys } from "../schema/access.table.ts";
import type { Administration, Change } from "./administration.ts";

/** Identifies a request with an Idempotency-Key. */
export type IdempotencyKey = {
  readonly credentialId: string;
  /** The credential's organization; `null`: the operator's credential. */
  readonly orgId: string | null;
  readonly key: string;
};

/** A stored reply: its status and its encrypted text. */
export type StoredReply = { readonly status: number; readonly response: Buffer };

/** A process that died leaves a request without a reply. After this time a repetition runs it again. */
const ABANDONED = "1 minute";

/**
 * Claims a key for a request. `first`: the caller may run the request. A key that is older than a day counts as new.
 * Throws DbError.
 */
export function beginIdempotent(
  administration: Administration,
  { credentialId, orgId, key }: IdempotencyKey,
  requestHash: Buffer,
): Promise<"first" | "running" | "other" | StoredReply> {
  return inOrganization(administration, orgId, async (db) => {
    const claimed = await db
      .insert(idempotencyKeys)
      .values({ credentialId, key, orgId, requestHash })
      .onConflictDoUpdate({
        target: [idempotencyKeys.credentialId, idempotencyKeys.key],
        set: { requestHash, createdAt: sql`now()`, status: null, response: null },
        setWhere: sql`${lt(idempotencyKeys.createdAt, sql`now() - interval '24 hours'`)} or (
          ${isNull(idempotencyKeys.status)} and ${lt(idempotencyKeys.createdAt, sql`now() - interval '${sql.raw(ABANDONED)}'`)})`,
      })
      .returning({ key: idempotencyKeys.key });
    if (claimed.length > 0) return "first";
    const [found] = await db.select().from(idempotencyKeys).where(named({ credentialId, key }));
    if (found === undefined) return "running";
    if (!found.requestHash.equals(requestHash)) return "other";
    const { status, response } = found;
    return status === null || response === null ? "running" : { status, response };
  });
}

/** Stores the reply of a claimed request. Throws DbError. */
export async function keepReply(
  administration: Administration,
  key: IdempotencyKey,
  reply: StoredReply,
): Promise<void> {
  await inOrganization(administration, key.orgId, (db) =>
    db.update(idempotencyKeys).set(reply).where(named(key)),
  );
}

/** Gives a claim back, so that a repetition is executed. Throws DbError. */
export async function forgetIdempotent(administration: Administration, key: IdempotencyKey): Promise<void> {
  await inOrganization(administration, key.orgId, (db) =>
    db.delete(idempotencyKeys).where(and(named(key), isNull(idempotencyKeys.status))),
  );
}

function named({ credentialId, key }: Pick<IdempotencyKey, "credentialId" | "key">) {
  return and(eq(idempotencyKeys.credentialId, credentialId), eq(idempotencyKeys.key, key));
}

function inOrganization<T>(
  administration: Administration,
  orgId: string | null,
  work: (db: Change) => Promise<T>,
): Promise<T> {
  return orgId === null ? administration.asOperator(work) : administration.as(orgId, work);
}
