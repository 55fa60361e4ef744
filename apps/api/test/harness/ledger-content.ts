import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import { eventId } from "@call-ledger/domain";
import { sha256 } from "@call-ledger/providers";
import { vapi } from "@call-ledger/providers/testing/vapi";
import type { TestLedger } from "./ledger.ts";

/** Columns that differ between ledgers, or say when and how a row was written. */
const INCIDENTAL = [
  "id",
  "org_id",
  "call_id",
  "agent_id",
  "created_at",
  "updated_at",
  "received_at",
  "next_attempt_at",
  "payload",
];

const OF_A_CALL = ["calls", "call_tracking", "call_logs"];
const UNDER_A_CALL = ["call_transcripts", "call_prompts", "recording_upload_queue"];

/** All rows about calls in a ledger, in a form that can be compared with another ledger of the same agent. */
export async function contentOf({
  sql,
  orgId,
}: TestLedger): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const content: Record<string, readonly unknown[]> = {};
  for (const table of OF_A_CALL) {
    content[table] =
      await sql`select to_jsonb(t) - ${INCIDENTAL}::text[] as said, t.org_id = ${orgId} as owned
      from ${sql(table)} t order by t.provider_call_id`;
  }
  for (const table of UNDER_A_CALL) {
    content[table] = await sql`select to_jsonb(t) - ${INCIDENTAL}::text[] as said, c.provider_call_id as call
      from ${sql(table)} t join calls c on (c.org_id, c.id) = (t.org_id, t.call_id)
      order by c.provider_call_id, (to_jsonb(t) - ${INCIDENTAL}::text[])::text`;
  }
  // The first of several redeliveries of an event is kept, with the time of its envelope.
  const of = [...INCIDENTAL, "occurred_at"];
  content.processed_webhook_events = await sql`select to_jsonb(t) - ${of}::text[] as said
    from processed_webhook_events t order by t.event_id`;
  return content;
}

/** The expected ids of the events of a delivery to the platform's account. */
export function eventIdsOf(body: string): string[] {
  const read = vapi.read(Buffer.from(body));
  if (read.reads !== "call") return [];
  const { providerCallId, facts, events } = read;
  const origin = { provider: vapi.provider, accountId: PLATFORM_ACCOUNTS.vapi ?? "", providerCallId };
  return events.map((event) => eventId(origin, facts, event, sha256));
}
