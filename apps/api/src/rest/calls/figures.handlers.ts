import { statsSchema } from "@call-ledger/contract/operations";
import type { Administration } from "@call-ledger/db/access";
import { readOperatorAttention } from "@call-ledger/db/access";
import type { Reader } from "@call-ledger/db/read";
import { countWaitingDeliveries, readAttention, readStats, readTimeZone } from "@call-ledger/db/read";
import { ApiProblem } from "../mount/api-problem.ts";
import type { Handlers } from "../mount/handler.ts";
import { COUNTING_MS, queryForRequest } from "../query-for-request.ts";
import { dollars } from "./call-view.ts";

const MAX_DAYS = 400;
const DAY_MS = 86_400_000;
/** Handlers for statistics of calls, and for the calls that somebody should look at. */
export function figureHandlers({
  reader,
  administration,
}: {
  readonly reader: Reader;
  readonly administration: Administration;
}): Pick<Handlers, "getStats" | "getAttention"> {
  return {
    async getAttention({ caller: { orgId, isOperator } }) {
      const [found, waiting] = await queryForRequest(() =>
        reader.as(
          orgId,
          async (db) => [await readAttention(db, orgId), await countWaitingDeliveries(db, orgId)] as const,
          COUNTING_MS,
        ),
      );
      const operators = isOperator
        ? await queryForRequest(() => administration.asOperator(readOperatorAttention))
        : null;
      return attentionView(found, waiting, operators);
    },

    async getStats({ caller: { orgId, scopes }, query }) {
      const { from, to, group_by: groupBy, agent, outcome } = query;
      refuseLongTimes(from, to);
      const [timeZone, rows] = await queryForRequest(() =>
        reader.as(
          orgId,
          async (db) =>
            [
              await readTimeZone(db, orgId),
              await readStats(db, orgId, { from, to, groupBy, agent, outcome }),
            ] as const,
          COUNTING_MS,
        ),
      );
      return {
        time_zone: timeZone ?? "UTC",
        from,
        to,
        ...statsView(rows, { groupBy, showsCosts: scopes.has("costs:read") }),
      };
    },
  };
}

function attentionView(
  found: Awaited<ReturnType<typeof readAttention>>,
  waiting: number,
  operators: Awaited<ReturnType<typeof readOperatorAttention>> | null,
) {
  return {
    calls: {
      stuck: found.stuck,
      missing_report: found.missingReport,
      no_caller_speech: found.noCallerSpeech,
      recording_failed: found.recordingFailed,
    },
    pending: found.pending,
    recordings_near_deadline: found.recordingsNearDeadline,
    waiting_deliveries: waiting,
    ...(operators === null
      ? {}
      : {
          quarantined: operators.quarantined,
          silent_accounts: operators.silentAccounts.map(({ lastDeliveryAt, ...account }) => ({
            ...account,
            last_delivery_at: new Date(lastDeliveryAt).toISOString(),
          })),
        }),
  };
}

type StatsShown = { readonly groupBy: readonly string[]; readonly showsCosts: boolean };

function statsView(rows: Awaited<ReturnType<typeof readStats>>, { groupBy, showsCosts }: StatsShown) {
  const figures = (calls: number, seconds: number, cost: string) => ({
    calls,
    duration_seconds: seconds,
    ...(showsCosts ? { cost_usd: dollars(cost) } : {}),
  });
  return {
    data: rows.map((row) => ({
      ...(groupBy.includes("day") ? { day: row.day ?? "" } : {}),
      ...(groupBy.includes("agent")
        ? { agent: row.agentId === null ? null : { id: row.agentId, name: row.agentName } }
        : {}),
      ...(groupBy.includes("outcome") ? { outcome: OUTCOME.parse(row.outcome) } : {}),
      ...figures(row.calls, Number(row.durationSeconds), row.costUsd),
    })),
    totals: figures(
      rows.reduce((sum, row) => sum + row.calls, 0),
      rows.reduce((sum, row) => sum + Number(row.durationSeconds), 0),
      millionths(rows.reduce((sum, row) => sum + BigInt(row.costUsd.replace(".", "")), 0n)),
    ),
  };
}

const OUTCOME = statsSchema.shape.data.element.shape.outcome.unwrap();

function refuseLongTimes(from: string, to: string): void {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (days >= 1 && days <= MAX_DAYS) return;
  const detail =
    days < 1 ? "has to be the day of `from` or a later one" : `has to be within ${MAX_DAYS} days of \`from\``;
  throw new ApiProblem("bad_request", {
    detail: `query.to: ${detail}`,
    errors: [{ field: "query.to", detail }],
  });
}

/** A whole number of millionths of a dollar, as dollars with six decimals. */
function millionths(amount: bigint): string {
  const text = String(amount).padStart(7, "0");
  return `${text.slice(0, -6)}.${text.slice(-6)}`;
}
