import { randomBytes, randomUUID } from "node:crypto";
import type { Config } from "@call-ledger/config";
import type { ProviderAccount } from "@call-ledger/contract/operations";
import { refusalAdvice } from "@call-ledger/contract/operations";
import type { Account, Administration } from "@call-ledger/db/access";
import { addAccount, changeAccount, listAccounts, rotateAccountSecret } from "@call-ledger/db/access";
import { providerFor } from "@call-ledger/providers";
import { WEBHOOKS } from "../../http/paths.ts";
import { reading } from "../ledger-reading.ts";
import { ApiProblem } from "../mount/api-problem.ts";
import type { Handlers } from "../mount/handler.ts";
import type { Refusals } from "../refusals.ts";
import { badField, refusable } from "../refusals.ts";
import { sealed } from "../secret-sealing.ts";

type AccountHandlers = Pick<
  Handlers,
  "listAccounts" | "createAccount" | "changeAccount" | "rotateAccountSecret"
>;

const REFUSALS: Refusals = {
  provider_accounts_org_id_fkey: {
    code: "bad_request",
    field: "body.organization_id",
    detail: "There is no such organization.",
  },
};

/** Handlers for provider accounts: their secrets, API keys and recording hosts, and whether their deliveries verify. */
export function accountHandlers(
  config: Config,
  ports: {
    readonly administration: Administration;
    readonly hostRule: RegExp;
    readonly work: {
      /** Called when recordings may have become due. */
      queued(): void;
    };
  },
): AccountHandlers {
  const { administration, hostRule, work } = ports;
  const asOperator: Administration["asOperator"] = (work) => reading(() => administration.asOperator(work));
  const found = async (id: string) => {
    const [account] = await asOperator((db) => listAccounts(db, id));
    if (account === undefined) throw new ApiProblem("not_found");
    return account;
  };
  const organizations = async (id: string) => {
    const account = await found(id);
    if (account.orgId !== null) return account;
    throw new ApiProblem("conflict", { detail: "The platform's own account is set by the environment." });
  };
  return {
    async listAccounts({ origin }) {
      const accounts = await asOperator((db) => listAccounts(db));
      return { data: accounts.map((account) => accountView(account, config, origin)) };
    },
    async createAccount({ body, caller: { actor }, origin }) {
      const { organization_id: orgId, provider } = body;
      if (providerFor(provider) === null) throw badField("body.provider", "is not a known provider.");
      if (orgId === null) {
        throw badField(
          "body.organization_id",
          "is missing: the platform's own account is set by the environment.",
        );
      }
      const { account, secret } = newAccount(config, { ...body, orgId });
      await refusable(REFUSALS, () => asOperator((db) => addAccount(db, actor, account)));
      return { ...accountView(await found(account.id), config, origin), webhook_secret: secret };
    },
    async changeAccount({ params: { account: id }, body, caller: { actor }, origin }) {
      const before = await found(id);
      const hosts = body.recording_hosts?.map((host) => host.toLowerCase());
      if (hosts?.some((host) => !hostRule.test(host))) {
        throw badField(
          "body.recording_hosts",
          "are host names such as recordings.example.com or *.example.com.",
        );
      }
      if (body.api_key !== undefined) await organizations(id);
      const apiKey = body.api_key == null ? body.api_key : sealedFor(config, id)(body.api_key, "api key");
      const change = { name: body.name, apiKey, recordingHosts: hosts };
      await asOperator((db) => changeAccount(db, actor, before, change));
      if (hosts !== undefined) work.queued();
      return accountView(await found(id), config, origin);
    },
    async rotateAccountSecret({ params: { account: id }, body, caller: { actor }, origin }) {
      const account = await organizations(id);
      const secret = body.webhook_secret ?? randomBytes(32).toString("hex");
      const webhookSecret = sealedFor(config, id)(secret, "webhook secret");
      await asOperator((db) => rotateAccountSecret(db, actor, account, webhookSecret));
      return { ...accountView(await found(id), config, origin), webhook_secret: secret };
    },
  };
}

/** A new account with encrypted secrets, and its webhook secret, which is shown once. Throws ApiProblem as `sealed`. */
function newAccount(
  config: Config,
  wanted: {
    readonly orgId: string;
    readonly provider: string;
    readonly name: string | null;
    readonly webhook_secret: string | null;
    readonly api_key: string | null;
  },
) {
  const { orgId, provider, name, api_key: apiKey } = wanted;
  const id = randomUUID();
  const secret = wanted.webhook_secret ?? randomBytes(32).toString("hex");
  const seal = sealedFor(config, id);
  const webhookSecret = seal(secret, "webhook secret");
  const sealedKey = apiKey === null ? null : seal(apiKey, "api key");
  return { account: { id, orgId, provider, name, webhookSecret, apiKey: sealedKey }, secret };
}

/** Returns a function that encrypts secrets of an account. Throws ApiProblem as `sealed`. */
function sealedFor(config: Config, accountId: string) {
  return (secret: string, use: "webhook secret" | "api key") => sealed(config, secret, { accountId, use });
}

function accountView(account: Account, config: Config, origin: string): ProviderAccount {
  const { id, orgId, provider } = account;
  const platform = orgId === null ? providerFor(provider)?.platform.accountIn(config) : undefined;
  const path = orgId === null ? `${WEBHOOKS}/${provider}` : `${WEBHOOKS}/${provider}/${id}`;
  return {
    id,
    provider,
    name: account.name,
    organization_id: orgId,
    webhook_url: `${origin}${path}`,
    secrets: platform === undefined ? account.secrets : platform.webhookSecrets.length,
    has_api_key: platform === undefined ? account.hasApiKey : platform.apiKey !== null,
    recording_hosts: account.recordingHosts,
    created_at: account.createdAt.toISOString(),
    last_delivery_at: account.lastVerifiedAt?.toISOString() ?? null,
    last_refusal: lastRefusal(account),
  };
}

function lastRefusal({ lastRefusedAt, lastRefusal: reason }: Account): ProviderAccount["last_refusal"] {
  if (lastRefusedAt === null || reason === null) return null;
  const detail = refusalAdvice(reason);
  return { at: lastRefusedAt.toISOString(), reason, detail };
}
