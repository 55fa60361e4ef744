import { newApiKey } from "@call-ledger/credentials";
import { addKey, listKeys, OPERATOR, revokeKey } from "@call-ledger/db/access";
import { asOperator } from "@call-ledger/db-operator/admin";
import type { Scope } from "@call-ledger/domain";
import { SCOPES } from "@call-ledger/domain";
import { command, usage } from "../cli/command.ts";
import { doneResult, listResult, ORGANIZATION_FILTER } from "../cli/list-result.ts";
import { eachId, uuid } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { refusal } from "./refusal.ts";

const PRESET: readonly Scope[] = ["calls:read", "recordings:read"];

export const keyCreateCommand = command({
  about:
    "Creates an API key of an organization, or of the operator. The key is printed once and not stored: the database has its " +
    `SHA-256. Its scopes are one or more of ${SCOPES.join(", ")}. A key of the operator may do everything for every organization.`,
  options: {
    org: { value: "ID", about: "the organization", parse: uuid },
    operator: { about: "a key of the operator instead of an organization" },
    scopes: {
      value: "WORDS",
      about: `its scopes, separated by commas; default ${PRESET.join(",")}`,
      parse: scopesIn,
    },
    name: { value: "NAME", about: "a name for people" },
  },
  examples: [
    "key create --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --name dashboard",
    "key create --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --json   prints {id, key}",
  ],

  async run({ org = null, operator, scopes: wanted, name = null }, { env }) {
    if ((org === null) !== (operator === true)) throw usage("Give either --org or --operator.");
    if (operator && wanted !== undefined) throw usage("--operator cannot be used with --scopes.");
    const scopes = operator ? SCOPES : (wanted ?? PRESET);
    const { key, prefix, hash } = newApiKey();
    const author = { orgId: org, actor: OPERATOR };
    const { id } = await asOperator(ownerUrl(env), (db) =>
      addKey(db, author, { name, scopes, prefix, hash }),
    ).catch(refusal);
    return {
      document: { id, key },
      text: [
        key,
        operator
          ? `Key ${id} of the operator, for everything. It is not shown again.`
          : `Key ${id} of organization ${org}, for ${scopes.join(", ")}. It is not shown again.`,
      ],
    };
  },
});

export const keyListCommand = command({
  about:
    "Shows the API keys of all organizations, or of one, oldest first. Only the beginning of a key is stored. The time of its " +
    "last use is updated once a minute.",
  options: {
    org: ORGANIZATION_FILTER,
    all: { about: "also show revoked keys" },
  },
  examples: ["key list", "key list --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --all --json"],

  async run({ org, all }, { env }) {
    const keys = await asOperator(ownerUrl(env), (db) => listKeys(db, org));
    const shown = keys.filter(({ revokedAt }) => all || revokedAt === null);
    return listResult(shown, {
      columns: {
        ID: ({ id }) => id,
        ORGANIZATION: ({ orgId }) => orgId,
        KEY: ({ prefix }) => `${prefix}…`,
        SCOPES: ({ scopes }) => scopes.join(","),
        "LAST USED": ({ lastUsedAt }) => lastUsedAt,
        REVOKED: ({ revokedAt }) => revokedAt,
        NAME: ({ name }) => name,
      },
      none: "No keys.",
    });
  },
});

export const keyRevokeCommand = command({
  about:
    "Revokes API keys by their ids, permanently: the next request with such a key is refused. A link to a recording that was " +
    "created before stays valid for up to five minutes. Exit code 1 if an id is not that of a key.",
  options: {},
  values: "ID…",
  examples: ["key revoke 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711"],

  async run(_options, { env }, values) {
    const ids = eachId(values, { what: "key", shownBy: "key list" });
    const revoked = await asOperator(ownerUrl(env), async (db) => {
      const keys = (await listKeys(db)).filter(({ id }) => ids.includes(id));
      for (const { id, orgId } of keys) await revokeKey(db, { orgId, actor: OPERATOR }, id);
      return keys.map(({ id }) => id);
    });
    const missing = (id: string) => `There is no key ${id}; key list --all shows the keys.`;
    return doneResult(ids, revoked, { done: "revoked", missing });
  },
});

function scopesIn(text: string): readonly Scope[] {
  const words = text.split(",").map((word) => word.trim());
  const known = SCOPES.filter((scope) => words.includes(scope));
  if (known.length !== new Set(words).size) {
    throw usage(`--scopes has to be one or more of ${SCOPES.join(", ")}, separated by commas.`);
  }
  return known;
}
