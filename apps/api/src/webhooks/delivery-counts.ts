import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import type { DeliveryCount } from "@call-ledger/db/alerts";
import { WEBHOOKS } from "../http/paths.ts";
import type { FinishedRequest } from "../http/request-trace.ts";

const MINUTE_MS = 60_000;
/** While the database does not answer, at most so many counts are kept in memory. The oldest are dropped. */
const MAX_KEPT = 2_000;

type CountPorts = {
  /** Adds the counts to those in the database. Throws DbError. */
  write(counts: readonly DeliveryCount[]): Promise<void>;
  /** Milliseconds since 1970. */
  now(): number;
};

export type DeliveryCounts = {
  /** Counts a finished request, in memory. */
  finished(request: FinishedRequest): void;
  /**
   * Writes the counts since the last flush, in one statement. If they cannot be written, they are kept for the next.
   */
  flush(): Promise<void>;
};

type Answered = "accepted" | "refused" | "unproven" | "failing";

/**
 * Counts the deliveries of known accounts by how they were answered, for alarms. If it is not known whether a write was
 * committed, its counts may be added twice.
 */
export function deliveryCounts({ write, now }: CountPorts): DeliveryCounts {
  const kept = new Map<string, DeliveryCount>();
  const add = (counts: DeliveryCount) => {
    const key = `${counts.accountId} ${counts.at}`;
    const before = kept.get(key);
    kept.set(key, before === undefined ? counts : sumOf(before, counts));
    const [oldest] = kept.keys();
    if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
  };
  return {
    finished({ trace, status }) {
      if (!trace.route.startsWith(WEBHOOKS) || trace.provider === undefined) return;
      const answered = answerOf(trace.outcome, trace.reason, status);
      // If the database does not answer, the account of a path is not known, so the failure counts for the platform's.
      const accountId =
        trace.account ?? (answered === "failing" ? PLATFORM_ACCOUNTS[trace.provider] : undefined);
      if (answered === null || accountId === undefined) return;
      add({ accountId, at: minuteOf(now()), ...NOTHING, [answered]: 1 });
    },
    async flush() {
      const counts = [...kept.values()];
      if (counts.length === 0) return;
      kept.clear();
      try {
        await write(counts);
      } catch {
        // Failures count for the time of the last try, so that the alarm still sees them when the database is back.
        for (const { failing, ...count } of counts) {
          add({ ...count, failing: 0 });
          if (failing > 0) add({ ...NOTHING, accountId: count.accountId, at: minuteOf(now()), failing });
        }
      }
    },
  };
}

function minuteOf(moment: number): number {
  return Math.floor(moment / MINUTE_MS) * MINUTE_MS;
}

const NOTHING = { accepted: 0, refused: 0, unproven: 0, failing: 0 } as const;

function sumOf(one: DeliveryCount, other: DeliveryCount): DeliveryCount {
  return {
    ...one,
    accepted: one.accepted + other.accepted,
    refused: one.refused + other.refused,
    unproven: one.unproven + other.unproven,
    failing: one.failing + other.failing,
  };
}

/** The kind of an answer that alarms count; `null`: it says nothing about the account. */
function answerOf(
  outcome: string | undefined,
  reason: string | undefined,
  status: number | null,
): Answered | null {
  if (status === null) return null;
  if (status >= 500) return "failing";
  if (outcome === "refused") return reason === "no_proof" ? "unproven" : "refused";
  return status < 300 ? "accepted" : null;
}
