import type { AlarmAnswer } from "@call-ledger/contract/alerts";
import type { Attention } from "@call-ledger/contract/operations";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight, BellRing, CircleCheck } from "lucide-react";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import type { PagePath } from "../../app/navigation.ts";
import { classes } from "../../components/classes.ts";
import { Card } from "../../components/page.tsx";
import { ProblemState } from "../../components/problem.tsx";
import { TableSkeleton } from "../../components/state.tsx";
import { Time } from "../../components/time.tsx";
import { useZone } from "../../components/zone.ts";
import { addDays, dayOf } from "../../format/dates.ts";
import { count, countOrMore } from "../../format/numbers.ts";
import { counted, t, word } from "../../text/text.ts";
import type { AlarmLevel } from "../alarms/alarm-routes.ts";
import { PAGE_OF } from "../alarms/alarm-routes.ts";
import { AlarmSummary, scopeText, stateOf } from "../alarms/open-alarm.tsx";
import { useAlarmLevel, useOpenAlarmsHere } from "../alarms/use-alarms.ts";
import type { CallsSearch } from "../calls/calls-search.ts";
import { LIVE } from "../calls/choices.ts";
import { ComparedAccount, useComparedAccounts } from "./completeness-lines.tsx";
import styles from "./overview.module.css";

const REFRESH_MS = 30_000;
/** The counts are of calls of these days, so their lists are too. */
const COUNTED_DAYS = 30;

/** What is counted beside the marks of calls. */
type Matter =
  | keyof Attention["calls"]
  | "near_deadline"
  | "quarantined"
  | "waiting_deliveries"
  | "silent_accounts";

/** What the figures of an alarm count too; it is shown with the alarm, not a second time. */
const MATTERS: Readonly<Partial<Record<AlarmAnswer["condition"], readonly Matter[]>>> = {
  calls_overdue: ["missing_report", "stuck"],
  recordings_given_up: ["recording_failed"],
  recordings_expiring: ["near_deadline"],
  quarantine_growing: ["quarantined", "waiting_deliveries"],
  no_deliveries: ["silent_accounts"],
};

type Row = {
  readonly matter: Matter;
  readonly name: string;
  readonly about: string;
  readonly count: number;
  readonly to: PagePath;
  readonly search?: CallsSearch;
};

function useAttention() {
  const attention = useQuery({
    queryKey: ["attention", chosenOrganization()],
    queryFn: ({ signal }) => request("GET", "/attention", { signal }),
    refetchInterval: REFRESH_MS,
  });
  return { attention, alarms: useOpenAlarmsHere(), compared: useComparedAccounts() };
}

/** Whether it is not known yet what needs attention. */
export function useIsAttentionLoading(): boolean {
  const { attention, alarms, compared } = useAttention();
  return attention.isPending || alarms.isPending || (!compared.isKnown && compared.error === null);
}

/**
 * Things that need attention, each with a link, the open alarms first. It is the first part of the page, because
 * everything else can wait. Calls that the ledger lacks are among them, and pending parts are named, so that nothing
 * incomplete looks complete.
 */
export function NeedsAttention() {
  const level = useAlarmLevel();
  const {
    attention: { data, error, refetch },
    alarms,
    compared,
  } = useAttention();
  const from = addDays(dayOf(new Date(), useZone()), -COUNTED_DAYS);
  const rows = data === undefined ? [] : rowsOf(data, from).filter((row) => row.count > 0);
  const open = (alarms.data?.data ?? []).map((alarm) => ({
    alarm,
    behind: rows.filter(({ matter }) => MATTERS[alarm.condition]?.includes(matter)),
  }));
  const shown = open.slice(0, MAX_ALARMS).flatMap(({ behind }) => behind);
  const doubtful = compared.doubtful.filter(({ id }) => !open.some(({ alarm }) => isAbout(alarm, id)));
  const failure = error ?? alarms.error ?? compared.error;
  const isThere = data !== undefined && alarms.data !== undefined && compared.isKnown;
  const retry = () => Promise.all([refetch(), alarms.refetch(), compared.refetch()]);
  return (
    <Card
      title={t("overview.attention")}
      actions={level === "installation" && <Link to={PAGE_OF[level]}>{t("nav.allAlarms")}</Link>}
      flush
    >
      {!isThere && failure === null && <TableSkeleton rows={2} />}
      {failure !== null && <ProblemState error={failure} onRetry={() => void retry()} />}
      {isThere && failure === null && rows.length + open.length + doubtful.length === 0 && (
        <p className={styles.calm}>
          <CircleCheck size={16} aria-hidden />
          {t("overview.calm")} {isPending(data) ? null : t("overview.complete")}
        </p>
      )}
      <ul className={styles.lines}>
        {isThere && <OpenAlarms alarms={open} hasMore={alarms.data.next_cursor !== null} level={level} />}
        {isThere && doubtful.map((account) => <ComparedAccount key={account.id} account={account} />)}
        {isThere &&
          rows
            .filter((row) => !shown.includes(row))
            .map(({ matter, name, about, count: number, to, search }) => (
              <li key={matter} className={styles.attention}>
                <b className={styles.number}>{count(number)}</b>
                <span>
                  <Link to={to} {...(search === undefined ? {} : { search })} className={styles.cover ?? ""}>
                    {name}
                  </Link>
                  <span className={styles.about}>{about}</span>
                </span>
                <ArrowRight size={15} aria-hidden />
              </li>
            ))}
      </ul>
      {isThere && isPending(data) && <Pending pending={data.pending} from={from} />}
    </Card>
  );
}

const MAX_ALARMS = 5;

/** Whether an open alarm says that the ledger lacks calls of an account, so that nothing else has to say it. */
function isAbout({ condition, scope }: AlarmAnswer, account: string): boolean {
  return (
    condition === "days_incomplete" && (scope === `account:${account}` || scope.startsWith("organization:"))
  );
}

function OpenAlarms({
  alarms,
  hasMore,
  level,
}: {
  alarms: readonly { readonly alarm: AlarmAnswer; readonly behind: readonly Row[] }[];
  /** Whether more alarms are open than `alarms` has. */
  hasMore: boolean;
  level: AlarmLevel;
}) {
  const to = PAGE_OF[level];
  const more = alarms.length - MAX_ALARMS;
  return (
    <>
      {alarms.slice(0, MAX_ALARMS).map(({ alarm, behind }) => (
        <li key={alarm.id} className={styles.attention}>
          <span className={classes(styles.bell, styles[`is_${stateOf(alarm)}`])}>
            <BellRing size={17} aria-hidden />
          </span>
          <span>
            <Link to={to} className={styles.cover ?? ""}>
              {word("alarm", alarm.condition)}
            </Link>
            <span className={styles.about}>
              {scopeText(alarm, level) !== null && `${scopeText(alarm, level)}: `}
              <AlarmSummary alarm={alarm} className={styles.said} />{" "}
              {stateOf(alarm) !== "open" && <i>{word("alarmState", stateOf(alarm))}.</i>}
            </span>
            {behind.map(({ matter, name, count: number, to: list, search }) => (
              <Link
                key={matter}
                to={list}
                {...(search === undefined ? {} : { search })}
                className={styles.behind ?? ""}
              >
                {name}: {count(number)}
              </Link>
            ))}
          </span>
          <span className={styles.since}>
            <Time at={alarm.opened_at} form="relative" />
            <ArrowRight size={15} aria-hidden />
          </span>
        </li>
      ))}
      {more > 0 && (
        <li className={styles.attention}>
          <b className={styles.number}>{countOrMore(more, hasMore)}</b>
          <Link to={to} className={styles.cover ?? ""}>
            {t("overview.moreAlarms")}
          </Link>
          <ArrowRight size={15} aria-hidden />
        </li>
      )}
    </>
  );
}

function isPending({ pending }: Attention): boolean {
  return pending.live + pending.reports + pending.recordings > 0;
}

/** The parts that have not come yet and are not overdue. */
function Pending({ pending, from }: { pending: Attention["pending"]; from: string }) {
  const parts = [
    { count: pending.live, text: "overview.pendingLive", search: { phase: LIVE, attention: "none", from } },
    { count: pending.reports, text: "overview.pendingReports", search: { report_state: "pending", from } },
    {
      count: pending.recordings,
      text: "overview.pendingRecordings",
      search: { recording_state: "pending,fetching" },
    },
  ] as const;
  return (
    <p className={styles.pending}>
      {t("overview.pending")}
      {parts
        .filter((part) => part.count > 0)
        .map((part) => (
          <Link key={part.text} to="/calls" search={part.search}>
            {counted(part.text, part.count)}
          </Link>
        ))}
    </p>
  );
}

const REASONS = [
  ["missing_report", "overview.about.missing_report"],
  ["recording_failed", "overview.about.recording_failed"],
  ["no_caller_speech", "overview.about.no_caller_speech"],
  ["stuck", "overview.about.stuck"],
] as const;

function rowsOf(attention: Attention, from: string): Row[] {
  return [
    ...REASONS.map(([reason, about]) => ({
      matter: reason,
      name: word("attention", reason),
      about: t(about),
      count: attention.calls[reason],
      to: "/calls" as const,
      search: { attention: reason, from },
    })),
    {
      matter: "near_deadline",
      name: t("overview.nearDeadline"),
      about: t("overview.about.nearDeadline"),
      count: attention.recordings_near_deadline,
      to: "/calls",
      search: { recording_deadline_within_hours: "24" },
    },
    {
      matter: "quarantined",
      name: t("nav.quarantine"),
      about: t("overview.about.quarantined"),
      count: attention.quarantined ?? 0,
      to: "/operator/quarantine",
    },
    {
      matter: "waiting_deliveries",
      name: t("overview.waiting"),
      about: t("overview.about.waiting"),
      // The operator sees all of the quarantine in one number.
      count: attention.quarantined === undefined ? attention.waiting_deliveries : 0,
      to: "/completeness",
    },
    {
      matter: "silent_accounts",
      name: t("overview.silentAccounts"),
      about: (attention.silent_accounts ?? []).map(({ name, provider }) => name ?? provider).join(", "),
      count: attention.silent_accounts?.length ?? 0,
      to: "/operator/accounts",
    },
  ];
}
