import { newApiKey } from "@call-ledger/credentials";
import type { Administration, StoredKey } from "@call-ledger/db/access";
import { addKey, changeKey, listKeys, revokeKey } from "@call-ledger/db/access";
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
      const { key, prefix, hash } = newApiKey();
      const added = await reading(() =>
        administration.as(caller.orgId, (db) => addKey(db, caller, { ...body, prefix, hash })),
      );
      return { ...keyView(added), key };
    },
    async changeKey({ caller, params: { key: id }, body }) {
      refuseMore(caller, body.scopes ?? []);
      const changed = await reading(() =>
        administration.as(caller.orgId, (db) => changeKey(db, caller, id, body)),
      );
      if (changed === null) throw new ApiProblem("not_found");
      return keyView(changed);
    },
    async revokeKey({ caller, params: { key: id } }) {
      const revoked = await reading(() => administration.as(caller.orgId, (db) => revokeKey(db, caller, id)));
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
