import { randomBytes, randomUUID } from "node:crypto";
import { MIN_WEBHOOK_SECRET_LENGTH } from "@call-ledger/config";
import type { Account, AccountChange, Change } from "@call-ledger/db/access";
import { addAccount, changeAccount, changeSecrets, listAccounts, OPERATOR } from "@call-ledger/db/access";
import { asOperator, listProviderAccounts, withOwner } from "@call-ledger/db-operator/admin";
import type { Provider } from "@call-ledger/providers";
import { DEFAULT_PROVIDER, PROVIDERS, providerFor } from "@call-ledger/providers";
import type { Result, Surroundings } from "../cli/command.ts";
import { command, failure, usage } from "../cli/command.ts";
import { listResult, ORGANIZATION_FILTER } from "../cli/list-result.ts";
import { oneId, uuid } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { accountBox } from "./account-box.ts";
import { ACCOUNT, RECORDING_HOST_OPTION } from "./account-set.command.ts";
import { refusal } from "./refusal.ts";
import { SECRET_FORMS, secretsIn } from "./secret-input.ts";
import { webhookPath } from "./webhook-path.ts";

const NAMES = PROVIDERS.map(({ provider }) => provider);

export const accountAddCommand = command({
  about:
    "Adds an account that an organization has at a provider. Its deliveries have a path of their own and are verified with " +
    "a secret of their own. They belong to the organization, whatever their content is. The secret is printed once and " +
    "stored encrypted with ENCRYPTION_KEY, which the server and the worker need too. The same applies to the account's key " +
    "of the provider's API, with which recordings are fetched. A running server knows the account within 5 s.",
  options: {
    org: { value: "ID", about: "the organization", required: true, parse: uuid },
    provider: {
      value: "WORD",
      about: `${NAMES.join(", ")}; default ${DEFAULT_PROVIDER.provider}`,
      words: NAMES,
    },
    name: { value: "NAME", about: "a name for people" },
    secret: { value: "S", about: `the secret that signs deliveries; default: random; ${SECRET_FORMS}` },
    "api-key": { value: "K", about: `the account's key of the provider's API; ${SECRET_FORMS}` },
    "recording-host": RECORDING_HOST_OPTION,
    auth: {
      value: "WORD",
      about: `how deliveries prove that they know the secret: ${DEFAULT_PROVIDER.proofs.join(", ")}; default ${DEFAULT_PROVIDER.proofs[0]}`,
    },
    "hmac-plan": {
      value: "JSON",
      about: "settings of an unusual HMAC: algorithm, encoding, payload_format, signature_header, …",
      parse: jsonIn,
    },
  },
  examples: [
    "account add --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --name Northgate --api-key env:NORTHGATE_VAPI_KEY",
    "account add --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --secret - --json < secret.txt",
  ],

  async run(input, surroundings) {
    const { env } = surroundings;
    const { org: orgId, name = null, auth, hmacPlan, recordingHost: recordingHosts = [] } = input;
    const manifest = providerFor(input.provider ?? "") ?? DEFAULT_PROVIDER;
    const { provider } = manifest;
    const verification = verificationIn(auth, hmacPlan, manifest);
    const box = accountBox(env);
    const secrets = { secret: input.secret, "api-key": input.apiKey };
    const [given, apiKey] = await secretsIn(secrets, surroundings);
    refuseShort(given);
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
      recordingHosts,
    };
    await asOperator(ownerUrl(env), (db) => addAccount(db, OPERATOR, account)).catch(refusal);
    const path = webhookPath(account);
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

export const accountListCommand = command({
  about:
    "Shows the provider accounts: the platform's own, whose secret is in the environment, and those of organizations, with " +
    "the number of valid webhook secrets (two during a rotation) and whether there is an API key. No secret is shown.",
  options: { org: ORGANIZATION_FILTER },
  examples: ["account list", "account list --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --json"],

  async run({ org }, { env }) {
    const accounts = await withOwner(ownerUrl(env), (owner) => listProviderAccounts(owner, org));
    const rows = accounts.map(({ verification: _, refusedSince: __, ...account }) => ({
      ...account,
      webhookPath: webhookPath(account),
    }));
    return listResult(rows, {
      columns: {
        ID: ({ id }) => id,
        ORGANIZATION: ({ orgId }) => orgId,
        PROVIDER: ({ provider }) => provider,
        SECRETS: ({ secrets }) => secrets,
        "API KEY": ({ hasApiKey }) => (hasApiKey === null ? null : hasApiKey ? "yes" : "no"),
        "RECORDING HOSTS": ({ recordingHosts }) => recordingHosts.join(", ") || null,
        WEBHOOK: (account) => account.webhookPath,
        NAME: ({ name }) => name,
      },
      none: "No accounts.",
    });
  },
});

export const accountRotateCommand = command({
  about:
    "Gives an organization's account a new webhook secret without losing a delivery: the new and the old secret are both " +
    "valid until --finish removes the old one. Change the secret at the provider in between. A running server follows " +
    "within 5 s. --api-key without other options replaces only the account's key of the provider's API, immediately.",
  options: {
    secret: { value: "S", about: `the new secret; default: random; ${SECRET_FORMS}` },
    "api-key": { value: "K", about: `the new key of the provider's API; ${SECRET_FORMS}` },
    finish: { about: "end the validity of the old secret" },
  },
  values: "ID",
  examples: [
    "account rotate 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711",
    "account rotate 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --finish",
    "account rotate 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --api-key env:NORTHGATE_VAPI_KEY",
  ],

  async run({ finish: isFinish, ...options }, surroundings, values) {
    const id = oneId(values, ACCOUNT);
    const secrets = { secret: options.secret, "api-key": options.apiKey };
    const [given, apiKey] = await secretsIn(secrets, surroundings);
    if (isFinish) {
      if (given !== undefined || apiKey !== undefined)
        throw usage("--finish cannot be used with another option.");
      return finish(id, surroundings);
    }
    refuseShort(given);
    const box = accountBox(surroundings.env);
    const replaced = apiKey === undefined ? null : box.seal(apiKey, { accountId: id, use: "api key" });
    const secret = given ?? (apiKey === undefined ? randomBytes(32).toString("hex") : null);
    const sealed = secret === null ? null : box.seal(secret, { accountId: id, use: "webhook secret" });
    const change = await changedBy(id, surroundings, async (db, account) => {
      const begun = sealed === null ? "done" : await changeSecrets(db, OPERATOR, account, sealed);
      if (begun === "done" && replaced !== null)
        await changeAccount(db, OPERATOR, account, { apiKey: replaced });
      return begun;
    });
    refuseUndone(
      change,
      `Account ${id} already has two valid secrets. Run account rotate ${id} --finish first.`,
    );
    if (secret === null) return { document: { id }, text: [`Account ${id} has a new API key.`] };
    return {
      document: { id, secret },
      text: [
        `Account ${id}: the old and the new secret are valid.`,
        ...(given === undefined ? [`new secret, not shown again: ${secret}`] : []),
        `Change it at the provider, then: ${surroundings.program} account rotate ${id} --finish`,
      ],
    };
  },
});

/** Returns the verification settings to store from `--auth` and `--hmac-plan`; `null` if neither is given. */
function verificationIn(
  auth: string | undefined,
  plan: unknown,
  { proofs, credentialOf }: Provider,
): object | null {
  if (auth === undefined && plan === undefined) return null;
  if (auth !== undefined && !proofs.includes(auth))
    throw usage(`--auth has to be one of ${proofs.join(", ")}.`);
  const verification = { auth: auth ?? proofs[0], hmac: plan ?? null };
  if (credentialOf({ webhookSecrets: [], verification }) !== null) return verification;
  throw usage(
    "--hmac-plan is a JSON object with algorithm (sha1, sha256, sha512), encoding (hex, base64), payload_format (contains " +
      "{body}), signature_header, timestamp_header, message_id_header, signature_prefix and secret_is_base64. A missing field " +
      "has the provider's default. A header that payload_format uses has to be named.",
  );
}

function jsonIn(text: string, option: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usage(`${option} is not JSON.`);
  }
}

async function finish(id: string, surroundings: Surroundings): Promise<Result> {
  const change = await changedBy(id, surroundings, (db, account) =>
    changeSecrets(db, OPERATOR, account, null),
  );
  refuseUndone(change, `Account ${id} has one secret: there is no rotation to finish.`);
  return { document: { id }, text: [`Account ${id}: the old secret is refused within 5 s.`] };
}

/** Changes an organization's account in one transaction. Throws DbError. */
function changedBy(
  id: string,
  { env }: Surroundings,
  change: (db: Change, account: Account) => Promise<AccountChange>,
): Promise<AccountChange> {
  return asOperator(ownerUrl(env), async (db) => {
    const [account] = await listAccounts(db, id);
    return account === undefined || account.orgId === null ? "missing" : change(db, account);
  });
}

function refuseUndone(change: AccountChange, refused: string): void {
  if (change === "missing")
    throw failure("No organization has such an account; account list shows the accounts.");
  if (change === "refused") throw failure(refused);
}

/** A sender is recognised only by this secret, so it must not be guessable. */
function refuseShort(secret: string | undefined): void {
  if (secret === undefined || secret.length >= MIN_WEBHOOK_SECRET_LENGTH) return;
  throw usage(
    `--secret has ${secret.length} characters and needs ${MIN_WEBHOOK_SECRET_LENGTH} or more. Omit the option for a random secret.`,
  );
}
