import { listProviderAccounts, withOwner } from "@call-ledger/db-operator/admin";
import { command } from "../cli/command.ts";
import { table } from "../cli/table.ts";
import { uuid } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { accountDocument } from "./account.document.ts";

export const accountListCommand = command({
  about:
    "Shows the provider accounts: the platform's own, whose secret is in the environment, and those of organizations, " +
    "with how many webhook secrets hold (two during a rotation) and whether there is an API key. No secret is shown.",
  options: { org: { value: "ID", about: "of this organization only", parse: uuid } },
  examples: ["account list", "account list --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --json"],

  async run({ org }, { env }) {
    const accounts = await withOwner(ownerUrl(env), (owner) => listProviderAccounts(owner, org));
    const documents = accounts.map(accountDocument);
    const rows = documents.map((one) => [
      one.id,
      one.org_id,
      one.provider,
      one.secrets === null ? null : String(one.secrets),
      one.has_api_key === null ? null : one.has_api_key ? "yes" : "no",
      one.webhook_path,
      one.name,
    ]);
    const heading = ["ID", "ORGANIZATION", "PROVIDER", "SECRETS", "API KEY", "WEBHOOK", "NAME"];
    return { document: documents, text: rows.length === 0 ? ["No accounts."] : table(heading, rows) };
  },
});
