import { randomBytes } from "node:crypto";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { TestDatabase } from "@call-ledger/db/testing";
import { PLATFORM_ACCOUNT, testDatabase } from "@call-ledger/db/testing";
import type { SourceHost } from "@call-ledger/testkit/http";
import { selfSignedFor, sourceHost } from "@call-ledger/testkit/http";
import type { FakeVapi } from "@call-ledger/testkit/vapi";
import { fakeVapi } from "@call-ledger/testkit/vapi";
import postgres from "postgres";
import type { Finished } from "./run-ops.ts";
import { callOps } from "./run-ops.ts";
import { HEALTHY } from "./stand-in.server.ts";

export const API_KEY = "private-key";
/** The API key of another customer of the provider. */
export const STRANGERS_KEY = "strangers-key";
export const RETRIES = { type: "exponential", maxRetries: 10, baseDelaySeconds: 10 };
/** A call at the provider whose deliveries never came. */
export const LOST_CALL = "lost-call";
const ENCRYPTION_KEY = randomBytes(32).toString("base64");
const PROMPT = "You are the front desk of Northgate.";

/** A ledger, its server and a fake of Vapi without any fault. `set` restores that state. */
export type ExaminedLedger = {
  readonly database: TestDatabase;
  readonly owner: postgres.Sql;
  readonly org: string;
  readonly vapi: FakeVapi;
  readonly server: SourceHost;
  /** The same server with a certificate that ends tomorrow. */
  readonly expiring: SourceHost;
  /** The server's answer to /health. */
  health: { status: number; body: object };
  webhookUrl(path?: string): string;
  /** Returns the correct server object. */
  rightServer(): object;
  /** Changes fields of the one assistant. */
  assistant(fields: object): void;
  /** Changes fields of the server object of the one assistant. */
  assistantServer(fields: object): void;
  /** Registers an agent of the organization. */
  agent(providerAgentId: string): Promise<unknown>;
  /** Books a call of the first agent with words of its caller and a report. */
  conversation(of: { readonly minutesAgo: number; readonly isRecorded: boolean }): Promise<void>;
  /** Replaces the record about deliveries of the platform's account. */
  contact(fields: object): Promise<unknown>;
  set(): Promise<void>;
  /** Runs `ops ARGS` with the settings of the ledger. */
  ops(args: string[], env?: Record<string, string>, typed?: Parameters<typeof callOps>[3]): Promise<Finished>;
  stop(): Promise<void>;
};

/** Starts it. This process trusts the certificates of its servers until it is stopped. */
export async function examinedLedger(): Promise<ExaminedLedger> {
  const trusted = getCACertificates("default");
  const certificate = selfSignedFor(["localhost"], 90);
  const short = selfSignedFor(["localhost"], 1);
  setDefaultCACertificates([...trusted, certificate.cert, short.cert]);
  const database = await testDatabase();
  const owner = postgres(database.ownerUrl, { max: 1, onnotice: () => undefined });
  const [row] = await owner`insert into organizations (name) values ('Northgate') returning id`;
  const [vapi, server, expiring] = [
    await fakeVapi({ certificate, apiKey: API_KEY, strangersKey: STRANGERS_KEY }),
    await sourceHost(certificate),
    await sourceHost(short),
  ];
  const ledger: ExaminedLedger = {
    ...{ database, owner, vapi, server, expiring },
    org: row?.id,
    health: { status: 0, body: {} },
    webhookUrl: (path = "/api/webhooks/vapi") => server.url(path),
    rightServer: () => ({
      url: ledger.webhookUrl(),
      credentialId: "credential-1",
      backoffPlan: RETRIES,
    }),
    assistant(fields) {
      const model = { messages: [{ role: "system", content: PROMPT }] };
      const right = { name: "Front desk", model, server: ledger.rightServer() };
      vapi.settings.assistant.set("front", { ...right, ...fields });
    },
    assistantServer: (fields) => ledger.assistant({ server: { ...ledger.rightServer(), ...fields } }),
    agent: (providerAgentId) => owner`insert into agents (org_id, provider_account_id, provider_agent_id)
      values (${ledger.org}, ${PLATFORM_ACCOUNT}, ${providerAgentId})`,
    async conversation({ minutesAgo, isRecorded }) {
      const at = new Date(Date.now() - minutesAgo * 60_000);
      const [call] = await owner`insert into calls
          (id, org_id, provider, provider_account_id, provider_call_id, agent_id, caller_turns, awaits_report, created_at)
        select gen_random_uuid(), org_id, 'vapi', provider_account_id, ${`call-${minutesAgo}`}, id, 2, false, ${at}
        from agents
        where provider_agent_id = 'front' returning id`;
      if (!isRecorded) return;
      await owner`insert into recording_upload_queue (org_id, call_id, channel)
        values (${ledger.org}, ${call?.id}, 'mono')`;
    },
    async contact(fields) {
      const contact = { provider_account_id: PLATFORM_ACCOUNT, last_verified_at: new Date(), ...fields };
      await owner`delete from account_contacts`;
      await owner`insert into account_contacts ${owner(contact)}`;
    },
    set: () => setRight(ledger),
    ops: (args, env = {}, typed = null) => callOps(args, { ...settingsOf(ledger), ...env }, "", typed),
    async stop() {
      setDefaultCACertificates(trusted);
      await Promise.all([vapi.stop(), server.stop(), expiring.stop()]);
      await owner.end();
      await database.drop();
    },
  };
  for (const host of [server, expiring]) {
    host.answer("/health", (_, response) => {
      const { status, body } = ledger.health;
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  }
  return ledger;
}

function settingsOf({ database, server, expiring, vapi }: ExaminedLedger): Record<string, string> {
  return {
    DATABASE_URL: database.ownerUrl,
    PUBLIC_URL: server.url(""),
    ENCRYPTION_KEY,
    VAPI_WEBHOOK_SECRET: "the secret of deliveries",
    VAPI_API_KEY: API_KEY,
    VAPI_API_URL: vapi.url,
    RECORDING_TEST_HOSTS: [vapi, server, expiring].map(({ testHost }) => testHost).join(","),
  };
}

/** Sets one assistant with the URL, its number, one credential and one agent. */
async function setRight(ledger: ExaminedLedger): Promise<void> {
  const { vapi, owner, org } = ledger;
  const {
    assistant,
    "phone-number": numbers,
    squad,
    credential,
    org: organization,
    forbidden,
  } = vapi.settings;
  for (const objects of [assistant, numbers, squad, credential, organization, forbidden]) objects.clear();
  vapi.forget(LOST_CALL);
  ledger.assistant({});
  numbers.set("number-1", { provider: "vapi", number: "+12025550100", assistantId: "front" });
  const hmac = { type: "hmac", algorithm: "sha256", signatureHeader: "x-vapi-signature" };
  credential.set("credential-1", { authenticationPlan: { ...hmac, secretKey: "s3cret" } });
  organization.set("org-1", { name: "Northgate", server: null });
  ledger.health = { status: 200, body: { ...HEALTHY, timestamp: new Date().toISOString() } };
  await owner.unsafe(`alter database ${nameOf(ledger.database)} reset default_transaction_read_only`);
  await owner`truncate calls, call_logs, call_tracking, call_routes, provider_calls, reconciled_accounts cascade`;
  await owner`delete from delivery_counts`;
  await owner`delete from agents`;
  await owner`delete from provider_accounts where org_id is not null`;
  await ledger.contact({});
  await owner`insert into agents (org_id, provider_account_id, provider_agent_id, provider_phone_number_id)
    values (${org}, ${PLATFORM_ACCOUNT}, 'front', 'number-1')`;
}

export function nameOf({ ownerUrl }: TestDatabase): string {
  return new URL(ownerUrl).pathname.slice(1);
}
