import { newApiKey } from "@call-ledger/credentials";
import { DbError } from "@call-ledger/db/client";
import { storeApiKey, withOwner } from "@call-ledger/db-operator/admin";
import type { Scope } from "@call-ledger/domain";
import { SCOPES } from "@call-ledger/domain";
import { command, failure, usage } from "../cli/command.ts";
import { uuid } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";

const PRESET: readonly Scope[] = ["calls:read", "recordings:read"];

export const keyCreateCommand = command({
  about:
    "Makes an API key of an organization. It is printed this once and kept nowhere: the database has its SHA-256. " +
    `What it is for is closed: ${SCOPES.join(", ")}. Recordings ask for recordings:read; nothing asks for the others yet.`,
  options: {
    org: { value: "ID", about: "the organization", required: true, parse: uuid },
    scopes: {
      value: "WORDS",
      about: `what it may do, separated by commas; default ${PRESET.join(",")}`,
      parse: scopesIn,
    },
    name: { value: "NAME", about: "what it is for, for people" },
  },
  examples: [
    "key create --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --name dashboard",
    "key create --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --json   prints {id, key}",
  ],

  async run({ org: orgId, scopes = PRESET, name = null }, { env }) {
    const { key, prefix, hash } = newApiKey();
    const id = await withOwner(ownerUrl(env), (owner) =>
      storeApiKey(owner, { orgId, name, scopes, prefix, hash }).catch(refusal),
    );
    return {
      document: { id, key },
      text: [key, `Key ${id} of organization ${orgId}, for ${scopes.join(", ")}. It is not shown again.`],
    };
  },
});

function scopesIn(text: string): readonly Scope[] {
  const words = text.split(",").map((word) => word.trim());
  const known = SCOPES.filter((scope) => words.includes(scope));
  if (known.length !== new Set(words).size) {
    throw usage(`--scopes is one or more of ${SCOPES.join(", ")}, separated by commas.`);
  }
  return known;
}

function refusal(error: unknown): never {
  if (error instanceof DbError && error.constraint === "api_keys_org_id_fkey") {
    throw failure("There is no such organization; org list shows those there are.");
  }
  throw error;
}
