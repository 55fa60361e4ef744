import { newApiKey } from "@call-ledger/credentials";
import type { Administration, StoredKey } from "@call-ledger/db/access";
import { addKey, listKeys, noteChange, revokeKey } from "@call-ledger/db/access";
import { reading } from "../ledger-reading.ts";
import { ApiProblem } from "../mount/api-problem.ts";
import { missingScope } from "../mount/authorize.ts";
import type { Handlers } from "../mount/handler.ts";

/** Handlers for the API keys of an organization. */
export function keyHandlers(
  administration: Administration,
): Pick<Handlers, "listKeys" | "createKey" | "revokeKey"> {
  return {
    async listKeys({ caller: { orgId } }) {
      const keys = await reading(() => administration.as(orgId, (db) => listKeys(db, orgId)));
      return { data: keys.map(keyView) };
    },
    async createKey({ caller, body }) {
      // A new key may not have scopes that its maker lacks.
      const missing = body.scopes.find((scope) => !caller.scopes.has(scope));
      if (missing !== undefined) throw missingScope(missing, caller);
      const { orgId } = caller;
      const { key, prefix, hash } = newApiKey();
      const added = await reading(() =>
        administration.as(orgId, async (db) => {
          const stored = await addKey(db, orgId, { ...body, prefix, hash });
          await noteChange(db, caller, "key.created", ["key", stored.id], {
            after: { name: stored.name, prefix, scopes: stored.scopes },
          });
          return stored;
        }),
      );
      return { ...keyView(added), key };
    },
    async revokeKey({ caller, params: { key: id } }) {
      const { orgId } = caller;
      const revoked = await reading(() =>
        administration.as(orgId, async (db) => {
          const key = await revokeKey(db, orgId, id);
          if (key === null) return null;
          await noteChange(db, caller, "key.revoked", ["key", id], {
            before: { name: key.name, prefix: key.prefix, scopes: key.scopes },
          });
          return key;
        }),
      );
      if (revoked === null) throw new ApiProblem("not_found");
      return null;
    },
  };
}

function keyView({ id, name, prefix, scopes, createdAt, lastUsedAt, revokedAt }: StoredKey) {
  return {
    id,
    name,
    prefix,
    scopes: [...scopes],
    created_at: createdAt.toISOString(),
    last_used_at: lastUsedAt?.toISOString() ?? null,
    revoked_at: revokedAt?.toISOString() ?? null,
  };
}
