import type { SimulatedCall } from "@call-ledger/simulator";
import { expect } from "vitest";
import type { ReconciledLedger } from "./reconciled-ledger.ts";

export const completed = { outcome: "completed", direction: "inbound" } as const;

export const isReport = ({ type }: { readonly type: string }) => type === "end-of-call-report";

export const isEnd = (one: { readonly type: string; readonly detail: string | null }) =>
  isReport(one) || one.detail === "ended";

/** Returns what the comparison has noted of a provider's call. */
export async function notesIn({ sql }: ReconciledLedger, { callId }: SimulatedCall) {
  const [row] = await sql`
    select org_id as "orgId", lacked, missing, has_ended as "hasEnded" from provider_calls
    where provider_call_id = ${callId}`;
  return row ?? null;
}

/** Returns the columns of a call's rows that the provider also has. */
export async function factsIn(ledger: ReconciledLedger, { callId }: SimulatedCall) {
  const [row] = await ledger.sql`
    select c.phase, c.outcome, c.cost_usd::float as cost, c.ended_reason as reason, c.ended_at as "endedAt",
      c.customer_number as number, l.transcript, c.awaits_report as awaits,
      (select count(*)::int from recording_upload_queue q where q.call_id = c.id) as recordings
    from calls c join call_logs l on l.org_id = c.org_id and l.id = c.id
    where c.provider_call_id = ${callId} and c.org_id = ${ledger.orgId}`;
  return row ?? null;
}

/** Returns the same columns of a call of which nothing is missing. */
export function expectedFacts(call: SimulatedCall) {
  return {
    phase: "ended",
    outcome: call.outcome,
    cost: call.costUsd,
    reason: call.endedReason,
    endedAt: new Date(call.endedAt),
    number: call.customerNumber,
    transcript: expect.stringContaining("AI:"),
    awaits: false,
    recordings: 1,
  };
}
