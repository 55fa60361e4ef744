import type { Owner } from "../owner.ts";

/** A stored API key for display. It has no part that could be used to sign in. */
export type StoredApiKey = {
  readonly id: string;
  readonly orgId: string | null;
  readonly name: string | null;
  /** The first characters of the key, by which a person recognises it. */
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  /** The time of the last use, precise to a minute. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
};

export type ApiKeyToStore = {
  /** `null`: a key of the operator, which may do everything for every organization. */
  readonly orgId: string | null;
  readonly name: string | null;
  readonly scopes: readonly string[];
  readonly prefix: string;
  /** The SHA-256 of the key. */
  readonly hash: Uint8Array;
};

/** Stores a key and returns its id. Throws DbError with the constraint's name: `api_keys_org_id_fkey`. */
export async function storeApiKey(owner: Owner, key: ApiKeyToStore): Promise<string> {
  const [row] = await owner.run(
    (sql) => sql<{ id: string }[]>`
      insert into api_keys (org_id, name, prefix, key_hash, scopes)
      values (${key.orgId}, ${key.name}, ${key.prefix}, ${Buffer.from(key.hash)},
        string_to_array(${key.scopes.join(",")}, ','))
      returning id`,
  );
  if (row === undefined) throw new Error("insert into api_keys returned no row");
  return row.id;
}

/** API keys, the oldest first; with `all` revoked ones too. Throws DbError. */
export async function listApiKeys(
  owner: Owner,
  { orgId, all }: { readonly orgId?: string | undefined; readonly all: boolean },
): Promise<StoredApiKey[]> {
  const rows = await owner.run(
    (sql) => sql<(Omit<StoredApiKey, "scopes"> & { scopes: string })[]>`
      select id, org_id as "orgId", name, prefix, array_to_string(scopes, ',') as scopes, created_at as "createdAt",
        last_used_at as "lastUsedAt", revoked_at as "revokedAt"
      from api_keys
      where (${all} or revoked_at is null) and ${orgId === undefined ? sql`true` : sql`org_id = ${orgId}`}
      order by created_at, id`,
  );
  return rows.map((row) => ({ ...row, scopes: row.scopes === "" ? [] : row.scopes.split(",") }));
}

/**
 * Revokes keys for good. Returns the ids of the existing ones, also of keys that were revoked before.
 * Throws DbError.
 */
export async function revokeApiKeys(owner: Owner, ids: readonly string[]): Promise<string[]> {
  const rows = await owner.run(
    (sql) => sql<{ id: string }[]>`
      update api_keys set revoked_at = coalesce(revoked_at, now()) where id in ${sql(ids)} returning id`,
  );
  return rows.map(({ id }) => id);
}
