import type { Stats } from "@call-ledger/contract/operations";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { listenToCalls } from "../../api/call-stream.ts";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import { agentName } from "../../components/agent-name.ts";
import { Loaded } from "../../components/loaded.tsx";
import { Below, Card, endCell, Page, Table } from "../../components/page.tsx";
import { ProblemState } from "../../components/problem.tsx";
import { Skeleton } from "../../components/state.tsx";
import { useZone } from "../../components/zone.ts";
import { addDays, dayOf } from "../../format/dates.ts";
import { count, dollars, talkTime } from "../../format/numbers.ts";
import { counted, t } from "../../text/text.ts";
import { periodDays } from "../calls/calls-search.ts";
import { NeedsAttention, useIsAttentionLoading } from "./attention.tsx";
import { CallsByDay } from "./calls-by-day.tsx";
import { CompletenessLines } from "./completeness-lines.tsx";
import styles from "./overview.module.css";

const PERIODS = ["7", "30", "90", "month", "last_month"] as const;
const MONTHS = { month: "calls.periodMonth", last_month: "calls.periodLastMonth" } as const;
/** How often the figures are read again while calls change. */
const REFRESH_MS = 5_000;

/** The overview: things that need attention, then the number, the outcomes and the cost of calls. */
export function OverviewPage() {
  const search = useSearch({ from: "/inside/overview" });
  const navigate = useNavigate({ from: "/overview" });
  const period = PERIODS.find((one) => one === search.period) ?? "30";
  return (
    <Page
      title={t("overview.title")}
      actions={
        <select
          className={styles.period}
          aria-label={t("calls.periodFilter")}
          value={period}
          onChange={({ target }) => void navigate({ search: { period: target.value } })}
        >
          {PERIODS.map((one) => (
            <option key={one} value={one}>
              {one === "month" || one === "last_month"
                ? t(MONTHS[one])
                : counted("overview.lastDays", Number(one))}
            </option>
          ))}
        </select>
      }
    >
      <NeedsAttention />
      <Below isLoading={useIsAttentionLoading()}>
        <CompletenessLines />
        <Figures period={period} />
      </Below>
    </Page>
  );
}

type Group = "day" | "agent" | "outcome";

function useStats(from: string, to: string, groups: readonly Group[]) {
  const stats = useQuery({
    queryKey: ["stats", chosenOrganization(), from, to, groups],
    queryFn: ({ signal }) => request("GET", "/stats", { query: { from, to, group_by: groups }, signal }),
    placeholderData: keepPreviousData,
  });
  const { refetch } = stats;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void refetch();
      }, REFRESH_MS);
    };
    const end = listenToCalls({ changed: refresh, reset: refresh });
    return () => {
      end();
      clearTimeout(timer);
    };
  }, [refetch]);
  return stats;
}

function Figures({ period }: { period: (typeof PERIODS)[number] }) {
  const zone = useZone();
  const days = periodDays(period, zone);
  const lastDay = days.to === undefined ? dayOf(new Date(), zone) : addDays(days.to, -1);
  const byDay = useStats(days.from, lastDay, ["day", "outcome"]);
  const byAgent = useStats(days.from, lastDay, ["agent"]);
  if (byDay.data === undefined) {
    if (byDay.error !== null)
      return <ProblemState error={byDay.error} onRetry={() => void byDay.refetch()} />;
    return (
      <div className={styles.loading}>
        <Skeleton width={260} height={44} />
        <Skeleton width="100%" height={280} />
      </div>
    );
  }
  const { totals } = byDay.data;
  return (
    <>
      <dl className={styles.figures}>
        <div>
          <dt>{t("overview.calls")}</dt>
          <dd>
            <Link to="/calls" search={days}>
              {count(totals.calls)}
            </Link>
          </dd>
        </div>
        <div>
          <dt>{t("overview.talkTime")}</dt>
          <dd>
            <Link to="/calls" search={days}>
              {talkTime(totals.duration_seconds)}
            </Link>
          </dd>
        </div>
        {totals.cost_usd !== undefined && (
          <div>
            <dt>{t("overview.cost")}</dt>
            <dd>
              <Link to="/calls" search={days}>
                {dollars(totals.cost_usd)}
              </Link>
            </dd>
          </div>
        )}
      </dl>
      <CallsByDay stats={byDay.data} period={days} />
      <ByAgent stats={byAgent} days={days} showsCost={totals.cost_usd !== undefined} />
    </>
  );
}

function ByAgent({
  stats,
  days,
  showsCost,
}: {
  stats: ReturnType<typeof useStats>;
  days: ReturnType<typeof periodDays>;
  showsCost: boolean;
}) {
  const end = (text: string) => ({ text, end: true }) as const;
  return (
    <Card title={t("overview.byAgent")} flush>
      <Loaded query={stats} rows={3}>
        {({ data }) =>
          data.length === 0 ? (
            <p className={styles.empty}>{t("overview.noCalls")}</p>
          ) : (
            <Table
              label={t("overview.byAgent")}
              headings={[
                t("calls.agent"),
                end(t("overview.calls")),
                end(t("overview.talkTime")),
                ...(showsCost ? [end(t("overview.cost"))] : []),
              ]}
            >
              {data
                .toSorted((one, other) => other.calls - one.calls)
                .map((row) => (
                  <AgentRow key={row.agent?.id ?? ""} row={row} days={days} showsCost={showsCost} />
                ))}
            </Table>
          )
        }
      </Loaded>
    </Card>
  );
}

function AgentRow({
  row: { agent, calls, duration_seconds: seconds, cost_usd: cost },
  days,
  showsCost,
}: {
  row: Stats["data"][number];
  days: ReturnType<typeof periodDays>;
  showsCost: boolean;
}) {
  const link = (text: string) => (
    <Link to="/calls" search={{ ...days, agent: agent?.id ?? "none" }}>
      {text}
    </Link>
  );
  return (
    <tr>
      <td>{link(agent ? agentName(agent) : t("calls.noAgent"))}</td>
      <td className={endCell}>{link(count(calls))}</td>
      <td className={endCell}>{link(talkTime(seconds))}</td>
      {showsCost && <td className={endCell}>{cost === undefined ? "–" : link(dollars(cost))}</td>}
    </tr>
  );
}
