import { randomBytes, randomUUID } from "node:crypto";
import { secretBox } from "@call-ledger/credentials";
import type { Pool } from "@call-ledger/db/client";
import { openPool } from "@call-ledger/db/client";
import { workerSession } from "@call-ledger/db/jobs";
import type { TestDatabase } from "@call-ledger/db/testing";
import { PLATFORM_ACCOUNT, testDatabase } from "@call-ledger/db/testing";
import type { DeliveryToBook } from "@call-ledger/db/write";
import { bookDeliveries } from "@call-ledger/db/write";
import { channelsNamed } from "@call-ledger/domain";
import { readAgain } from "@call-ledger/ingest";
import type { SimulatedCall, SimulatedDelivery } from "@call-ledger/simulator";
import { simulateCall } from "@call-ledger/simulator";
import type { Certificate } from "@call-ledger/testkit/http";
import { selfSigned } from "@call-ledger/testkit/http";
import type { FakeVapi, FakeVapiOptions } from "@call-ledger/testkit/vapi";
import { fakeVapi, snapshotsOf } from "@call-ledger/testkit/vapi";
import postgres from "postgres";
import type { ByHand } from "../../src/reconcile/reconciliation-work.ts";
import { reconcileNow } from "../../src/reconcile/reconciliation-work.ts";
import type { ReconcileTally } from "../../src/reconcile/tally.ts";
import type { WorkerConfig } from "../../src/start/index.ts";
import { reconciliationPorts } from "../../src/start/reconciliation-ports.ts";
import { configFor } from "./running-worker.ts";

/** The agent of the organization to which its calls belong. */
export const AGENT = "assistant-1";
export const MINUTE = 60_000;
export const DAY = 86_400_000;

/** A ledger with one organization on the platform's account, and the provider with which it is compared. */
export type ReconciledLedger = {
  readonly database: TestDatabase;
  readonly certificate: Certificate;
  readonly orgId: string;
  readonly sql: postgres.Sql;
  readonly pool: Pool;
  readonly vapi: FakeVapi;
  readonly config: WorkerConfig;
  /** Returns milliseconds since 1970, for the provider and for the ledger. */
  now(): number;
  advance(ms: number): void;
  /** Adds a call at the provider. */
  call(options: Partial<Parameters<typeof simulateCall>[0]>): SimulatedCall;
  /** Books those deliveries of a call that arrive. */
  deliver(call: SimulatedCall, arrives?: (delivery: SimulatedDelivery) => boolean): Promise<void>;
  /** Does the same for many calls, in few transactions. */
  deliverAll(
    calls: readonly { readonly call: SimulatedCall; arrives(delivery: SimulatedDelivery): boolean }[],
  ): Promise<void>;
  /** Adds an account of an organization with an API key, and returns its id. */
  addAccount(orgId: string, apiKey: string): Promise<string>;
  /**
   * Compares an account once; by default the platform's. `created` limits it to calls of that time, and `decidedOrgId`
   * has been decided by a person.
   */
  reconcile(
    accountId?: string,
    created?: ByHand["created"],
    decidedOrgId?: string,
  ): Promise<{ tally: ReconcileTally; error: string | null }>;
  drop(): Promise<void>;
};

const STATEMENT_MS = 10_000;

export async function reconciledLedger(options: Partial<FakeVapiOptions> = {}): Promise<ReconciledLedger> {
  const database = await testDatabase();
  const sql = postgres(database.ownerUrl, { max: 2, onnotice: () => undefined });
  const orgId = randomUUID();
  await sql`insert into organizations (id, name) values (${orgId}, 'Northgate Plumbing')`;
  await sql`insert into agents (org_id, provider_account_id, provider_agent_id, created_at)
    values (${orgId}, ${PLATFORM_ACCOUNT}, ${AGENT}, now() - interval '30 days')`;
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const certificate = selfSigned("localhost");
  const vapi = await fakeVapi({ certificate, apiKey: "private", now, ...options });
  const pool = openPool(database.appUrl, { max: 3, name: "reconcile test" });
  const config = configOf(vapi);
  const book = async (deliveries: readonly DeliveryToBook[]) => {
    const channels = channelsNamed(config.RECORDING_CHANNELS);
    const booked = await bookDeliveries(pool, deliveries, {
      transport: "prepared",
      deadlineMs: 30_000,
      channels,
    });
    for (const one of booked) if (one instanceof Error) throw one;
  };
  return {
    database,
    certificate,
    orgId,
    sql,
    pool,
    vapi,
    config,
    now,
    advance(ms) {
      ahead += ms;
    },
    call(call) {
      const startedAt = now() - 60 * MINUTE;
      const simulated = simulateCall({ seed: 1, assistantId: AGENT, startedAt, turns: 2, ...call });
      vapi.keep(simulated.callId, snapshotsOf(simulated));
      return simulated;
    },
    deliver: (call, arrives = () => true) =>
      book(call.deliveries.filter(arrives).flatMap((one) => deliveryToBook(one, call) ?? [])),
    async deliverAll(all) {
      let batch: DeliveryToBook[] = [];
      for (const [place, { call, arrives }] of all.entries()) {
        batch.push(...call.deliveries.filter(arrives).flatMap((one) => deliveryToBook(one, call) ?? []));
        if (batch.length < 100 && place < all.length - 1) continue;
        await book(batch);
        batch = [];
      }
    },
    addAccount: (owner, apiKey) => addAccount(sql, config, owner, apiKey),
    async reconcile(accountId = PLATFORM_ACCOUNT, created = null, decidedOrgId = undefined) {
      const session = workerSession(pool, STATEMENT_MS);
      const ports = reconciliationPorts({
        config,
        pool,
        session,
        now,
        ...(decidedOrgId === undefined ? {} : { decidedOrgId }),
        ca: certificate.cert,
        leaseSeconds: 60,
        onEnd: () => undefined,
        onError: (error) => {
          throw error;
        },
      });
      const { signal } = new AbortController();
      const run = await reconcileNow(accountId, ports, { created, onProgress: () => undefined, signal });
      if (run === null || typeof run === "string") throw new Error(`the account was not compared: ${run}`);
      return run;
    },
    async drop() {
      await vapi.stop();
      await pool.close(1_000);
      await sql.end({ timeout: 1 });
      await database.drop();
    },
  };
}

async function addAccount(sql: postgres.Sql, config: WorkerConfig, owner: string, apiKey: string) {
  const accountId = randomUUID();
  const key = config.ENCRYPTION_KEY ?? randomBytes(32).toString("base64");
  Object.assign(config, { ENCRYPTION_KEY: key });
  const sealed = secretBox(key).seal(apiKey, { accountId, use: "api key" });
  await sql`insert into provider_accounts (id, org_id, provider, api_key)
    values (${accountId}, ${owner}, 'vapi', ${Buffer.from(sealed)})`;
  return accountId;
}

function configOf(vapi: FakeVapi): WorkerConfig {
  const api = { VAPI_API_KEY: "private", VAPI_API_URL: vapi.url, RECORDING_HOSTS: [], RECONCILE_MINUTES: 5 };
  return configFor({ storage: NOWHERE, host: vapi }, api);
}

/** A comparison stores no recordings. */
const NOWHERE = {
  config: {
    STORAGE_DRIVER: "local",
    STORAGE_PATH: "/nowhere",
    S3_ENDPOINT: null,
    S3_REGION: "auto",
    S3_BUCKET: null,
    S3_ACCESS_KEY_ID: null,
    S3_SECRET_ACCESS_KEY: null,
  },
} as const;

/** Returns `null` for a delivery that is not stored. */
function deliveryToBook({ body, atMs }: SimulatedDelivery, { callId }: SimulatedCall): DeliveryToBook | null {
  const read = readAgain({ provider: "vapi", accountId: PLATFORM_ACCOUNT, receivedAt: new Date(atMs) }, body);
  if (read.reads === "nothing") throw new Error(`a delivery of ${callId} cannot be read`);
  return read.reads === "chatter" ? null : read.delivery;
}
