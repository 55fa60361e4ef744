import { randomBytes, randomUUID } from "node:crypto";
import { DbError } from "@call-ledger/db/client";
import { addProviderAccount, withOwner } from "@call-ledger/db-operator/admin";
import type { Provider } from "@call-ledger/providers";
import { DEFAULT_PROVIDER, PROVIDERS, providerFor } from "@call-ledger/providers";
import { command, failure, usage } from "../cli/command.ts";
import { uuid } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { webhookPath } from "./account.document.ts";
import { accountBox } from "./account-box.ts";
import { SECRET_FORMS, secretsIn } from "./secret-input.ts";

const NAMES = PROVIDERS.map(({ provider }) => provider);

export const accountAddCommand = command({
  about:
    "Adds an account that an organization has at a provider. Its deliveries come to a path of their own, are verified " +
    "against a secret of their own, and are the organization's, whatever is in them. The secret is printed this once and " +
    "kept encrypted with ENCRYPTION_KEY, which the server and the worker need too; so is the account's key of the " +
    "provider's API, with which recordings are fetched. A running server knows the account within 5 s.",
  options: {
    org: { value: "ID", about: "the organization", required: true, parse: uuid },
    provider: {
      value: "WORD",
      about: `${NAMES.join(", ")}; default ${DEFAULT_PROVIDER.provider}`,
      words: NAMES,
    },
    name: { value: "NAME", about: "what people call it" },
    secret: { value: "S", about: `what deliveries are signed with; default random; ${SECRET_FORMS}` },
    "api-key": { value: "K", about: `the account's key of the provider's API; ${SECRET_FORMS}` },
    auth: {
      value: "WORD",
      about: `how deliveries prove the secret: ${DEFAULT_PROVIDER.proofs.join(", ")}; default ${DEFAULT_PROVIDER.proofs[0]}`,
    },
    "hmac-plan": {
      value: "JSON",
      about: "where the HMAC is not the usual one: algorithm, encoding, payload_format, signature_header, …",
      parse: jsonIn,
    },
  },
  examples: [
    "account add --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --name Northgate --api-key env:NORTHGATE_VAPI_KEY",
    "account add --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --secret - --json < secret.txt",
  ],

  async run(input, surroundings) {
    const { env } = surroundings;
    const { org: orgId, name = null, auth, hmacPlan } = input;
    const manifest = providerFor(input.provider ?? "") ?? DEFAULT_PROVIDER;
    const { provider } = manifest;
    const verification = verificationIn(auth, hmacPlan, manifest);
    const box = accountBox(env);
    const secrets = { secret: input.secret, "api-key": input.apiKey };
    const [given, apiKey] = await secretsIn(secrets, surroundings);
    const secret = given ?? randomBytes(32).toString("hex");
    const id = randomUUID();
    const account = {
      id,
      orgId,
      provider,
      name,
      webhookSecret: box.seal(secret, { accountId: id, use: "webhook secret" }),
      apiKey: apiKey === undefined ? null : box.seal(apiKey, { accountId: id, use: "api key" }),
      verification,
    };
    await withOwner(ownerUrl(env), (owner) => addProviderAccount(owner, account).catch(refusal));
    const path = webhookPath(provider, id);
    return {
      document: { id, secret, webhook_path: path },
      text: [
        `Account ${id} of organization ${orgId}`,
        `server URL: https://YOUR-HOST${path}`,
        ...(given === undefined ? [`secret, not shown again: ${secret}`] : []),
      ],
    };
  },
});

/** What is stored of `--auth` and `--hmac-plan`; `null` where neither is given. */
function verificationIn(
  auth: string | undefined,
  plan: unknown,
  { proofs, credentialOf }: Provider,
): object | null {
  if (auth === undefined && plan === undefined) return null;
  if (auth !== undefined && !proofs.includes(auth)) throw usage(`--auth is one of ${proofs.join(", ")}.`);
  const verification = { auth: auth ?? proofs[0], hmac: plan ?? null };
  if (credentialOf({ webhookSecrets: [], verification }) !== null) return verification;
  throw usage(
    "--hmac-plan is a JSON object of algorithm (sha1, sha256, sha512), encoding (hex, base64), payload_format (with " +
      "{body} in it), signature_header, timestamp_header, message_id_header, signature_prefix and secret_is_base64; " +
      "what is left out is the provider's default. A header that payload_format needs has to be named.",
  );
}

function jsonIn(text: string, option: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usage(`${option} is no JSON.`);
  }
}

function refusal(error: unknown): never {
  if (error instanceof DbError && error.constraint === "provider_accounts_org_id_fkey") {
    throw failure("There is no such organization; org list shows those there are.");
  }
  throw error;
}
