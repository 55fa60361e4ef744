import type { Scope } from "@call-ledger/domain";
import { SCOPES } from "@call-ledger/domain";
import { and, arrayContains, asc, eq, inArray, isNotNull, isNull, not, sql } from "drizzle-orm";
import { apiKeys } from "../schema/organizations.table.ts";
import type { Change } from "./administration.ts";
import type { Author } from "./audit.query.ts";
import { noteChange } from "./audit.query.ts";

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

/** Stores a key by its hash, and notes it. Throws DbError with the constraint's name: `api_keys_org_id_fkey`. */
export async function addKey(
  db: Change,
  author: Author,
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
    .values({ orgId: author.orgId, name, prefix, keyHash: hash, scopes: [...scopes] })
    .returning(COLUMNS);
  if (added === undefined) throw new Error("insert into api_keys returned no row");
  await noteChange(db, author, "key.created", ["key", added.id], { after: noted(added) });
  return storedKey(added);
}

/**
 * Changes a key, and notes it. A field that is left out does not change. Returns `null` if the organization has no such
 * valid key.
 */
export async function changeKey(
  db: Change,
  author: Author & { readonly orgId: string },
  id: string,
  { name, scopes }: { readonly name?: string | undefined; readonly scopes?: readonly Scope[] | undefined },
): Promise<StoredKey | null> {
  const isIt = and(eq(apiKeys.orgId, author.orgId), eq(apiKeys.id, id), isNull(apiKeys.revokedAt));
  const [before] = await db.select(COLUMNS).from(apiKeys).where(isIt).for("update");
  if (before === undefined) return null;
  const { name: nameBefore, scopes: scopesBefore } = before;
  const [after] = await db
    .update(apiKeys)
    .set({ name: name ?? nameBefore, scopes: [...(scopes ?? scopesBefore)] })
    .where(isIt)
    .returning(COLUMNS);
  if (after === undefined) return null;
  const change = { before: noted(before), after: noted(after) };
  await noteChange(db, author, "key.changed", ["key", id], change);
  return storedKey(after);
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

/** Revokes a key for good, and notes it. Returns `null` if the organization, or the operator, has no such valid key. */
export async function revokeKey(db: Change, author: Author, id: string): Promise<StoredKey | null> {
  const [revoked] = await db
    .update(apiKeys)
    .set({ revokedAt: sql`now()` })
    .where(and(ofOwner(author.orgId), eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
    .returning(COLUMNS);
  if (revoked === undefined) return null;
  await noteChange(db, author, "key.revoked", ["key", id], { before: noted(revoked) });
  return storedKey(revoked);
}

const noted = ({
  name,
  prefix,
  scopes,
}: Pick<typeof apiKeys.$inferSelect, "name" | "prefix" | "scopes">) => ({
  name,
  prefix,
  scopes,
});

function storedKey(row: Pick<typeof apiKeys.$inferSelect, keyof typeof COLUMNS>) {
  return { ...row, scopes: SCOPES.filter((scope) => row.scopes.includes(scope)) };
}
