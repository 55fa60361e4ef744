import { randomBytes } from "node:crypto";
import type { AccountChange, Owner } from "@call-ledger/db-operator/admin";
import {
  beginSecretRotation,
  finishSecretRotation,
  replaceAccountApiKey,
  withOwner,
} from "@call-ledger/db-operator/admin";
import type { Result, Surroundings } from "../cli/command.ts";
import { command, failure, usage } from "../cli/command.ts";
import { uuid } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { accountBox } from "./account-box.ts";
import { SECRET_FORMS, secretsIn } from "./secret-input.ts";

export const accountRotateCommand = command({
  about:
    "Gives an organization's account a new webhook secret without losing a delivery: the new one and the old one hold " +
    "at once, until --finish leaves the new one alone. Change the secret at the provider in between. A running server " +
    "follows within 5 s. With --api-key alone only the account's key of the provider's API is replaced, at once.",
  options: {
    secret: { value: "S", about: `the new secret; default random; ${SECRET_FORMS}` },
    "api-key": { value: "K", about: `the new key of the provider's API; ${SECRET_FORMS}` },
    finish: { about: "the old secret does not hold any more" },
  },
  values: "ID",
  examples: [
    "account rotate 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711",
    "account rotate 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --finish",
    "account rotate 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --api-key env:NORTHGATE_VAPI_KEY",
  ],

  async run({ finish: isFinish, ...options }, surroundings, values) {
    const id = idIn(values);
    const secrets = { secret: options.secret, "api-key": options.apiKey };
    const [given, apiKey] = await secretsIn(secrets, surroundings);
    if (isFinish) {
      if (given !== undefined || apiKey !== undefined) throw usage("--finish goes with no other option.");
      return finish(id, surroundings);
    }
    const box = accountBox(surroundings.env);
    const replaced = apiKey === undefined ? null : box.seal(apiKey, { accountId: id, use: "api key" });
    const secret = given ?? (apiKey === undefined ? randomBytes(32).toString("hex") : null);
    const sealed = secret === null ? null : box.seal(secret, { accountId: id, use: "webhook secret" });
    await withOwner(ownerUrl(surroundings.env), async (owner) => {
      if (sealed !== null) await begin(owner, id, sealed);
      if (replaced !== null) done(await replaceAccountApiKey(owner, { id, apiKey: replaced }));
    });
    if (secret === null) return { document: { id }, text: [`Account ${id} has a new API key.`] };
    return {
      document: { id, secret },
      text: [
        `Account ${id}: the old and the new secret hold.`,
        ...(given === undefined ? [`new secret, not shown again: ${secret}`] : []),
        `Change it at the provider, then: ${surroundings.program} account rotate ${id} --finish`,
      ],
    };
  },
});

function idIn([id, ...more]: readonly string[]): string {
  if (id === undefined || more.length > 0)
    throw usage("Name one account by its id; account list shows them.");
  return uuid(id, "The id of an account");
}

async function finish(id: string, { env }: Surroundings): Promise<Result> {
  const refused = `Account ${id} has one secret: there is no rotation to finish.`;
  await withOwner(ownerUrl(env), async (owner) => done(await finishSecretRotation(owner, id), refused));
  return { document: { id }, text: [`Account ${id}: the old secret is refused within 5 s.`] };
}

async function begin(owner: Owner, id: string, webhookSecret: Uint8Array): Promise<void> {
  const refused = `Two secrets of account ${id} hold already: account rotate ${id} --finish first.`;
  done(await beginSecretRotation(owner, { id, webhookSecret }), refused);
}

function done(change: AccountChange, refused = ""): void {
  if (change === "missing")
    throw failure("No organization has such an account; account list shows those there are.");
  if (change === "refused") throw failure(refused);
}
