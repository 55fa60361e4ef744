import type { LackedPart } from "@call-ledger/domain";
import type { SimulatedCall, SimulatedDelivery } from "@call-ledger/simulator";
import { simulateCall } from "@call-ledger/simulator";
import type { FakeVapiOptions } from "@call-ledger/testkit/vapi";
import { snapshotsOf } from "@call-ledger/testkit/vapi";
import type { ReconciledLedger } from "@call-ledger/worker/testing/reconciled-ledger";
import { AGENT, DAY, MINUTE, reconciledLedger } from "@call-ledger/worker/testing/reconciled-ledger";

/** A call of the provider, and the part of it that the ledger never receives. */
type LossyCall = {
  readonly call: SimulatedCall;
  readonly lost: Exclude<LackedPart, "fields" | "progress"> | null;
};

/** A ledger that receives the deliveries of many calls at their times, without the lost ones. */
export type LossyLedger = ReconciledLedger & {
  readonly calls: readonly LossyCall[];
  /** Books the deliveries that were sent by now and are not lost. */
  receive(): Promise<void>;
};

const RECENT_SHARE = 0.2;
/** The other deliveries repeat content of the report. */
const KEPT = ["status-update", "end-of-call-report"];

/**
 * Creates a ledger. Of 100 calls, 3 lose every delivery, 3 their report and 1 its end. Most calls are spread over 13
 * days. The last fifth began within the last half hour, so some of these have not ended.
 */
export async function lossyLedger(
  count: number,
  options: Partial<FakeVapiOptions> = {},
): Promise<LossyLedger> {
  const ledger = await reconciledLedger(options);
  const begunAt = ledger.now();
  const old = Math.floor(count * (1 - RECENT_SHARE));
  const startOf = (n: number) =>
    n < old
      ? begunAt - 13 * DAY + Math.floor((n / old) * (13 * DAY - 30 * MINUTE))
      : begunAt - 30 * MINUTE + Math.floor(((n - old) / (count - old)) * 30 * MINUTE);
  const calls = Array.from({ length: count }, (_, n): LossyCall => {
    const call = simulateCall({ seed: n, assistantId: AGENT, startedAt: startOf(n), turns: 2 });
    ledger.vapi.keep(call.callId, snapshotsOf(call));
    return { call, lost: lostOf(n) };
  });
  let receivedUntil = 0;
  return {
    ...ledger,
    calls,
    async receive() {
      const [from, to] = [receivedUntil, ledger.now()];
      receivedUntil = to;
      const arrives = ({ type, atMs }: SimulatedDelivery) => KEPT.includes(type) && atMs >= from && atMs < to;
      await ledger.deliverAll(
        calls.map(({ call, lost }) => ({ call, arrives: (one) => arrives(one) && !isLost(one, lost) })),
      );
    },
  };
}

function lostOf(n: number): LossyCall["lost"] {
  const rest = n % 100;
  if (rest < 3) return "call";
  if (rest < 6) return "report";
  return rest === 6 ? "end" : null;
}

function isLost({ type, detail }: SimulatedDelivery, lost: LossyCall["lost"]): boolean {
  const isReport = type === "end-of-call-report";
  if (lost === "end") return isReport || detail === "ended";
  return lost === "call" || (lost === "report" && isReport);
}

/** The facts of a call that both a ledger and the provider have. */
type Content = Readonly<Record<string, unknown>>;

/** Returns the current calls of the provider by their ids. */
export function truthOf({ vapi, calls }: LossyLedger): Map<string, Content> {
  return new Map(
    calls.map(({ call: { callId, outcome, customerNumber } }) => {
      const said = vapi.callNow(callId);
      const artifact = (said?.artifact ?? {}) as { transcript?: string; messages?: unknown[] };
      return [
        callId,
        {
          phase: said?.status,
          outcome,
          reason: said?.endedReason,
          cost: said?.cost ?? null,
          startedAt: said?.startedAt ?? null,
          endedAt: said?.endedAt,
          number: customerNumber,
          transcript: artifact.transcript || null,
          messages: artifact.messages?.length ?? 0,
          awaitsReport: false,
          recordings: artifact.transcript ? 1 : 0,
        },
      ];
    }),
  );
}

/** Returns the same facts from the ledger. */
export async function heldBy({ sql, orgId }: LossyLedger): Promise<Map<string, Content>> {
  const rows = await sql`
    select c.provider_call_id as id, c.phase, c.outcome, c.ended_reason as reason, c.cost_usd::float as cost,
      l.started_at as "startedAt", c.ended_at as "endedAt", c.customer_number as number, l.transcript,
      coalesce(jsonb_array_length(l.messages), 0) as messages, c.awaits_report as "awaitsReport",
      (select count(*)::int from recording_upload_queue q where (q.org_id, q.call_id) = (c.org_id, c.id)) as recordings
    from calls c join call_logs l on (l.org_id, l.id) = (c.org_id, c.id)
    where c.org_id = ${orgId}`;
  const written = (at: Date | null) => at?.toISOString() ?? null;
  return new Map(
    rows.map(({ id, startedAt, endedAt, ...row }) => [
      id,
      { ...row, startedAt: written(startedAt), endedAt: written(endedAt) },
    ]),
  );
}
