import type { Scope } from "@call-ledger/domain";
import { SCOPES } from "@call-ledger/domain";
import { and, arrayContains, asc, eq, inArray, isNotNull, isNull, not, sql } from "drizzle-orm";
import { apiKeys } from "../schema/organizations.table.ts";
import type { Change } from "./administration.ts";

const COLUMNS = {
  id: apiKeys.id,
  /** `null`: a key of the operator, which may do everything for every organization. */
  orgId: apiKeys.orgId,
  name: apiKeys.name,
  /** The first characters of the key, by which people recognise it. */
  prefix: apiKeys.prefix,
  scopes: apiKeys.scopes,
  createdAt: apiKeys.createdAt,
  /** Exact to the minute. */
  lastUsedAt: apiKeys.lastUsedAt,
  revokedAt: apiKeys.revokedAt,
};

/** An API key, without its secret part. */
export type StoredKey = ReturnType<typeof storedKey>;

/** `null`: the operator's keys. */
const ofOwner = (orgId: string | null) => (orgId === null ? isNull(apiKeys.orgId) : eq(apiKeys.orgId, orgId));

/**
 * Returns the keys of an organization or, with `undefined`, of all and of the operator, including revoked ones, oldest
 * first. Throws DbError.
 */
export async function listKeys(db: Change, orgId?: string): Promise<readonly StoredKey[]> {
  const rows = await db
    .select(COLUMNS)
    .from(apiKeys)
    .where(orgId === undefined ? undefined : ofOwner(orgId))
    .orderBy(asc(apiKeys.createdAt), asc(apiKeys.id));
  return rows.map(storedKey);
}

/** Stores a key by its hash. Throws DbError with the constraint's name: `api_keys_org_id_fkey`. */
export async function addKey(
  db: Change,
  orgId: string | null,
  key: {
    readonly name: string | null;
    readonly scopes: readonly Scope[];
    readonly prefix: string;
    readonly hash: Buffer;
  },
): Promise<StoredKey> {
  const { name, scopes, prefix, hash } = key;
  const [added] = await db
    .insert(apiKeys)
    .values({ orgId, name, prefix, keyHash: hash, scopes: [...scopes] })
    .returning(COLUMNS);
  if (added === undefined) throw new Error("insert into api_keys returned no row");
  return storedKey(added);
}

/**
 * Changes a key. A field that is left out does not change. Returns the key before and after, or `null` if the
 * organization has no such valid key.
 */
export async function changeKey(
  db: Change,
  orgId: string,
  id: string,
  { name, scopes }: { readonly name?: string | undefined; readonly scopes?: readonly Scope[] | undefined },
): Promise<{ readonly before: StoredKey; readonly after: StoredKey } | null> {
  const isIt = and(eq(apiKeys.orgId, orgId), eq(apiKeys.id, id), isNull(apiKeys.revokedAt));
  const [before] = await db.select(COLUMNS).from(apiKeys).where(isIt).for("update");
  if (before === undefined) return null;
  const { name: nameBefore, scopes: scopesBefore } = before;
  const [after] = await db
    .update(apiKeys)
    .set({ name: name ?? nameBefore, scopes: [...(scopes ?? scopesBefore)] })
    .where(isIt)
    .returning(COLUMNS);
  return after === undefined ? null : { before: storedKey(before), after: storedKey(after) };
}

/** Returns those of these API keys of organizations that do not have a scope. */
export async function keysWithoutScope(
  db: Change,
  ids: readonly string[],
  scope: Scope,
): Promise<readonly string[]> {
  const rows = await db
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(
      and(
        inArray(apiKeys.id, [...ids]),
        isNotNull(apiKeys.orgId),
        not(arrayContains(apiKeys.scopes, [scope])),
      ),
    );
  return rows.map(({ id }) => id);
}

/** Revokes a key for good. Returns `null` if the organization, or the operator, has no such valid key. */
export async function revokeKey(db: Change, orgId: string | null, id: string): Promise<StoredKey | null> {
  const [revoked] = await db
    .update(apiKeys)
    .set({ revokedAt: sql`now()` })
    .where(and(ofOwner(orgId), eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
    .returning(COLUMNS);
  return revoked === undefined ? null : storedKey(revoked);
}

function storedKey(row: Pick<typeof apiKeys.$inferSelect, keyof typeof COLUMNS>) {
  return { ...row, scopes: SCOPES.filter((scope) => row.scopes.includes(scope)) };
}
