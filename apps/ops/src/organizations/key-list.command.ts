import type { StoredApiKey } from "@call-ledger/db-operator/admin";
import { listApiKeys, withOwner } from "@call-ledger/db-operator/admin";
import { command } from "../cli/command.ts";
import { table } from "../cli/table.ts";
import { uuid } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";

export const keyListCommand = command({
  about:
    "Shows the API keys of all organizations, or of one, the oldest first: by the start of the key, since nobody has the " +
    "rest. When one was last used is noted once a minute.",
  options: {
    org: { value: "ID", about: "of this organization only", parse: uuid },
    all: { about: "those that were revoked, too" },
  },
  examples: ["key list", "key list --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --all --json"],

  async run({ org, all }, { env }) {
    const keys = await withOwner(ownerUrl(env), (owner) => listApiKeys(owner, { orgId: org, all }));
    const documents = keys.map(documentOf);
    const rows = documents.map((one) => [
      one.id,
      one.org_id,
      `${one.prefix}…`,
      one.scopes.join(","),
      one.last_used_at,
      one.revoked_at,
      one.name,
    ]);
    const heading = ["ID", "ORGANIZATION", "KEY", "SCOPES", "LAST USED", "REVOKED", "NAME"];
    return { document: documents, text: rows.length === 0 ? ["No keys."] : table(heading, rows) };
  },
});

function documentOf(key: StoredApiKey) {
  return {
    id: key.id,
    org_id: key.orgId,
    name: key.name,
    prefix: key.prefix,
    scopes: key.scopes,
    created_at: key.createdAt.toISOString(),
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  };
}
