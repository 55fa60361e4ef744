import { newApiKey } from "@call-ledger/credentials";
import type { Administration, StoredKey } from "@call-ledger/db/access";
import { addKey, changeKey, listKeys, noteChange, revokeKey } from "@call-ledger/db/access";
import type { Scope } from "@call-ledger/domain";
import { reading } from "../ledger-reading.ts";
import { ApiProblem } from "../mount/api-problem.ts";
import { missingScope } from "../mount/authorize.ts";
import type { OrganizationCaller } from "../mount/caller.ts";
import type { Handlers } from "../mount/handler.ts";

/** Handlers for the API keys of an organization. */
export function keyHandlers(
  administration: Administration,
): Pick<Handlers, "listKeys" | "createKey" | "changeKey" | "revokeKey"> {
  return {
    async listKeys({ caller: { orgId } }) {
      const keys = await reading(() => administration.as(orgId, (db) => listKeys(db, orgId)));
      return { data: keys.map(keyView) };
    },
    async createKey({ caller, body }) {
      refuseMore(caller, body.scopes);
      const { orgId } = caller;
      const { key, prefix, hash } = newApiKey();
      const added = await reading(() =>
        administration.as(orgId, async (db) => {
          const stored = await addKey(db, orgId, { ...body, prefix, hash });
          await noteChange(db, caller, "key.created", ["key", stored.id], {
            after: auditOf(stored),
          });
          return stored;
        }),
      );
      return { ...keyView(added), key };
    },
    async changeKey({ caller, params: { key: id }, body }) {
      refuseMore(caller, body.scopes ?? []);
      const { orgId } = caller;
      const changed = await reading(() =>
        administration.as(orgId, async (db) => {
          const keys = await changeKey(db, orgId, id, body);
          if (keys === null) return null;
          const { before, after } = keys;
          await noteChange(db, caller, "key.changed", ["key", id], {
            before: auditOf(before),
            after: auditOf(after),
          });
          return after;
        }),
      );
      if (changed === null) throw new ApiProblem("not_found");
      return keyView(changed);
    },
    async revokeKey({ caller, params: { key: id } }) {
      const { orgId } = caller;
      const revoked = await reading(() =>
        administration.as(orgId, async (db) => {
          const key = await revokeKey(db, orgId, id);
          if (key === null) return null;
          await noteChange(db, caller, "key.revoked", ["key", id], {
            before: auditOf(key),
          });
          return key;
        }),
      );
      if (revoked === null) throw new ApiProblem("not_found");
      return null;
    },
  };
}

/** Refuses scopes that the caller lacks, because a key could do more than the person who makes or changes it. */
function refuseMore(caller: OrganizationCaller, scopes: readonly Scope[]): void {
  const missing = scopes.find((scope) => !caller.scopes.has(scope));
  if (missing !== undefined) throw missingScope(missing, caller);
}

const auditOf = ({ name, prefix, scopes }: StoredKey) => ({ name, prefix, scopes });

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
