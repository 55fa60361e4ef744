import type { Scope } from "@call-ledger/domain";
import { SCOPES } from "@call-ledger/domain";
import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { apiKeys } from "../schema/organizations.table.ts";
import type { Change } from "./administration.ts";

/** An API key of an organization, without its secret part. */
export type StoredKey = {
  readonly id: string;
  readonly name: string | null;
  /** The first characters of the key, by which people recognise it. */
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: Date;
  /** Exact to the minute. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
};

const COLUMNS = {
  id: apiKeys.id,
  name: apiKeys.name,
  prefix: apiKeys.prefix,
  scopes: apiKeys.scopes,
  createdAt: apiKeys.createdAt,
  lastUsedAt: apiKeys.lastUsedAt,
  revokedAt: apiKeys.revokedAt,
};

/** Returns all keys of an organization, including revoked ones, oldest first. */
export async function listKeys(db: Change, orgId: string): Promise<readonly StoredKey[]> {
  const rows = await db
    .select(COLUMNS)
    .from(apiKeys)
    .where(eq(apiKeys.orgId, orgId))
    .orderBy(asc(apiKeys.createdAt), asc(apiKeys.id));
  return rows.map(storedKey);
}

/** Stores a key by its hash. */
export async function addKey(
  db: Change,
  orgId: string,
  key: {
    readonly name: string;
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

/** Revokes a key for good. Returns `null` if the organization has no such valid key. */
export async function revokeKey(db: Change, orgId: string, id: string): Promise<StoredKey | null> {
  const [revoked] = await db
    .update(apiKeys)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(apiKeys.orgId, orgId), eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
    .returning(COLUMNS);
  return revoked === undefined ? null : storedKey(revoked);
}

function storedKey(row: Omit<StoredKey, "scopes"> & { readonly scopes: string[] }): StoredKey {
  return { ...row, scopes: SCOPES.filter((scope) => row.scopes.includes(scope)) };
}
