import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import { ownerConnection } from "@call-ledger/db/client";
import { throwingDbErrors } from "@call-ledger/db/errors";
import type postgres from "postgres";

/**
 * The reserved organization, which belongs to no customer. It exists while a probe call is sent. Its ids are fixed, so
 * that the next run finds the rows of a killed one.
 */
const PROBE = {
  orgId: "50be0000-0000-4000-8000-000000000001",
  agentId: "50be0000-0000-4000-8000-000000000002",
  name: "call-ledger smoke",
  providerAgentId: "call-ledger-smoke",
} as const;

/** The rows of a probe call in the ledger. */
export type ProbeRows = {
  readonly calls: number;
  readonly tracking: number;
  readonly logs: number;
  readonly events: number;
  readonly uploads: number;
  readonly quarantined: number;
  readonly phase: string | null;
};

/** The advisory lock of all probes of a database, made of the bytes of "prob". */
const PROBE_LOCK = 0x70726f62;

/** The tables with rows of an organization, in the order in which they can be emptied. */
const PROBED_TABLES = [
  "recording_upload_queue",
  "call_transcripts",
  "call_prompts",
  "prompts",
  "call_logs",
  "call_tracking",
  "processed_webhook_events",
  "calls",
  "call_routes",
  "agents",
  "call_changes",
] as const;

export type Probe = ReturnType<typeof openProbe>;

/** Opens a probe of the platform's account at the provider of that name. Every method throws DbError. */
export function openProbe(ownerUrl: string, provider: string) {
  const account = PLATFORM_ACCOUNTS[provider] ?? null;
  const sql = ownerConnection(ownerUrl, "call-ledger smoke");
  const guard = ownerConnection(ownerUrl, "call-ledger smoke");
  return {
    /** The provider's id of the reserved agent. */
    providerAgentId: PROBE.providerAgentId,
    /** Takes the lock of probes until `close`; `false`: another run has it. */
    reserve: throwingDbErrors(() => reserve(guard)),
    /** Makes the organization and its agent. Returns the number of rows of an earlier run that were removed first. */
    prepare: throwingDbErrors(async () => {
      const left = await remove(sql, account);
      await prepare(sql, account);
      return left;
    }),
    rowsOf: throwingDbErrors((providerCallId: string) => rowsOf(sql, account, providerCallId)),
    /** Removes the organization with all its rows. Returns their number. */
    remove: throwingDbErrors(() => remove(sql, account)),
    close: async () => {
      await Promise.all([sql.end({ timeout: 1 }), guard.end({ timeout: 1 })]);
    },
  };
}

/**
 * Takes the lock in a transaction that stays open until the connection ends. A session's lock would leak through a
 * pooler.
 */
async function reserve(guard: postgres.Sql): Promise<boolean> {
  await guard.unsafe("begin");
  const [found] = await guard`select pg_try_advisory_xact_lock(${PROBE_LOCK}) as ours`;
  return found?.ours === true;
}

async function prepare(sql: postgres.Sql, account: string | null): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`insert into organizations (id, name) values (${PROBE.orgId}, ${PROBE.name})`;
    await tx`insert into agents (id, org_id, provider_account_id, provider_agent_id, name)
      values (${PROBE.agentId}, ${PROBE.orgId}, ${account}, ${PROBE.providerAgentId}, ${PROBE.name})`;
  });
}

async function rowsOf(sql: postgres.Sql, account: string | null, providerCallId: string): Promise<ProbeRows> {
  const ofCall = sql`org_id = ${PROBE.orgId} and provider_call_id = ${providerCallId}`;
  const [row] = await sql<ProbeRows[]>`
    select
      (select count(*)::int from calls where ${ofCall}) as calls,
      (select count(*)::int from call_tracking where ${ofCall}) as tracking,
      (select count(*)::int from call_logs where ${ofCall}) as logs,
      (select count(*)::int from processed_webhook_events where ${ofCall}) as events,
      (select count(*)::int from recording_upload_queue where org_id = ${PROBE.orgId}) as uploads,
      (select count(*)::int from quarantined_deliveries
        where provider_account_id = ${account} and provider_call_id = ${providerCallId}) as quarantined,
      (select max(phase) from calls where ${ofCall}) as phase`;
  if (row === undefined) throw new Error("a query of counts returned no row");
  return row;
}

/**
 * Routes and calls are locked first, in the order of the write path. Deliveries in quarantine are found by their
 * assistant.
 */
async function remove(sql: postgres.Sql, account: string | null): Promise<number> {
  const { orgId, providerAgentId } = PROBE;
  const removed = await sql.begin(async (tx) => {
    await tx`select from call_routes where org_id = ${orgId}
      order by provider_account_id, provider_call_id for update`;
    await tx`select from calls where org_id = ${orgId} order by provider, provider_call_id for update`;
    let rows = 0;
    for (const table of PROBED_TABLES) {
      rows += (await tx`delete from ${tx(table)} where org_id = ${orgId}`).count;
    }
    const waited = await tx`delete from quarantined_deliveries
      where provider_account_id = ${account} and provider_agent_id = ${providerAgentId} returning provider_call_id as call`;
    for (const { call } of waited) {
      rows += (
        await tx`delete from call_routes
          where provider_account_id = ${account} and provider_call_id = ${call} and org_id is null`
      ).count;
    }
    rows += (await tx`delete from organizations where id = ${orgId}`).count;
    return [rows + waited.count];
  });
  return removed[0] ?? 0;
}
