import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import { openPool } from "@call-ledger/db/client";
import { DbError } from "@call-ledger/db/errors";
import type { DeliveryToBook } from "@call-ledger/db/write";
import { bookDeliveries, payloadReferences, referenceOf, unpackPayload } from "@call-ledger/db/write";
import { readAgain } from "@call-ledger/ingest";
import { simulateCall } from "@call-ledger/simulator";
import postgres from "postgres";

const AT_ONCE = 5;
const ACCOUNT = String(PLATFORM_ACCOUNTS.vapi);

/** Creates an organization with an agent, in a schema of any release. Returns the organization's id. */
export async function register(ownerUrl: string, assistantId: string): Promise<string> {
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  try {
    const [row] = await owner`insert into organizations (name) values ('Northgate Dental') returning id`;
    await owner`insert into agents (org_id, provider_account_id, provider_agent_id)
      values (${row?.id}, ${ACCOUNT}, ${assistantId})`;
    return row?.id;
  } finally {
    await owner.end();
  }
}

/**
 * Books whole simulated calls of an assistant, one for each seed, as the application does. Returns the number of
 * deliveries.
 */
export async function bookCalls(url: string, assistantId: string, seeds: readonly number[]): Promise<number> {
  return book(
    url,
    seeds.flatMap((seed) => {
      const startedAt = Date.UTC(2026, 2, 12, 15, seed);
      const call = simulateCall({ seed, assistantId, startedAt, direction: "inbound", outcome: "completed" });
      return call.deliveries.flatMap(({ body }) => asDelivery(body) ?? []);
    }),
  );
}

/** Puts an unreadable body into quarantine. */
export function bookUnreadable(url: string, payload: string): Promise<number> {
  const content = {
    refusal: "unparseable",
    waits: true,
    detail: null,
    contentKey: `unparseable:${payload}`,
  } as const;
  return book(url, [{ ...shared(), type: "unknown", payload, content }]);
}

function asDelivery(body: string): DeliveryToBook | null {
  const { provider, accountId, receivedAt } = shared();
  const read = readAgain({ provider, accountId, receivedAt: new Date(receivedAt) }, body);
  return read.reads === "delivery" ? { ...read.delivery, providerDeliveryId: "delivery-7" } : null;
}

function shared() {
  return { provider: "vapi", accountId: ACCOUNT, receivedAt: Date.now(), providerDeliveryId: null };
}

/** Books in several writes, so that payloads are packed with earlier ones of their call. */
async function book(url: string, deliveries: readonly DeliveryToBook[]): Promise<number> {
  const pool = openPool(url, { max: 1, name: "test" });
  const options = {
    transport: "prepared",
    // The channels that every schema accepts; those of single parties came later.
    channels: ["mono", "stereo"],
    deadlineMs: 20_000,
    references: payloadReferences(1_000_000),
  } as const;
  const booked: Awaited<ReturnType<typeof bookDeliveries>>[number][] = [];
  for (let place = 0; place < deliveries.length; place += AT_ONCE) {
    booked.push(...(await bookDeliveries(pool, deliveries.slice(place, place + AT_ONCE), options)));
  }
  await pool.close(1_000);
  const failed = booked.find((one) => one instanceof DbError);
  if (failed !== undefined) throw failed;
  return booked.length;
}

/**
 * The columns that identify rows of each table, without values that every booking makes new: ids, times, places in a
 * batch.
 */
const READABLE: Readonly<Record<string, string>> = {
  organizations: "to_jsonb(t)",
  provider_accounts: "to_jsonb(t)",
  agents: "to_jsonb(t)",
  call_routes: "to_jsonb(t)",
  calls: "to_jsonb(t) - 'id' - 'created_at' - 'updated_at'",
  call_tracking: "to_jsonb(t) - 'id' - 'created_at' - 'updated_at'",
  call_logs: "to_jsonb(t) - 'id' - 'created_at' - 'updated_at'",
  prompts: "to_jsonb(t) - 'created_at'",
  call_prompts: "to_jsonb(t) - 'call_id'",
  call_transcripts: "to_jsonb(t) - 'call_id' - 'created_at'",
  processed_webhook_events: "to_jsonb(t) - 'created_at' - 'payload'",
  quarantined_deliveries:
    "to_jsonb(t) - 'id' || jsonb_build_object('events', t.events #- '{0,ord}' #- '{0,delivery}')",
  recording_upload_queue:
    "jsonb_build_array(t.org_id, t.channel, t.status, t.recording_url, t.source_url, t.storage_path)",
};

/** Returns every row of the ledger as the beginning of its text and a hash of the whole text. */
export async function ledgerText(sql: postgres.Sql): Promise<Record<string, string[]>> {
  const texts: Record<string, string[]> = {};
  for (const [table, row] of Object.entries(READABLE)) {
    const [{ here }] = await sql<[{ here: boolean }]>`select to_regclass(${table}) is not null as here`;
    // An older schema has fewer tables.
    if (!here) continue;
    const rows = await sql.unsafe(
      `select left(said, 80) || md5(said) as line from (select (${row})::text as said from ${table} t) s order by 1`,
    );
    texts[table] = rows.map(({ line }) => String(line));
  }
  texts.payloads = await payloadTexts(sql);
  return texts;
}

/** Returns the unpacked payloads. */
async function payloadTexts(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ call: string; digest: string; payload: Buffer }[]>`
    select provider_call_id as call, split_part(event_id, ':', 2) as digest, payload
    from processed_webhook_events where payload is not null`;
  return rows
    .map(({ call, digest, payload }) => {
      const key = referenceOf(payload);
      if (key === null) return `${digest} ${unpackPayload(payload)}`;
      const referred = rows.find((other) => other.call === call && other.digest.startsWith(key));
      if (referred === undefined) throw new Error("a payload refers to one that is gone");
      return `${digest} ${unpackPayload(payload, unpackPayload(referred.payload))}`;
    })
    .toSorted();
}
