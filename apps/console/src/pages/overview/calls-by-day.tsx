import type { Stats } from "@call-ledger/contract/operations";
import { Link } from "@tanstack/react-router";
import { classes } from "../../components/classes.ts";
import { Card } from "../../components/page.tsx";
import { outcomeTone } from "../../components/tone.ts";
import { addDays, shortDay } from "../../format/dates.ts";
import { count, evenMax } from "../../format/numbers.ts";
import { counted, t, word } from "../../text/text.ts";
import type { CallsSearch } from "../calls/calls-search.ts";
import { LIVE, OUTCOMES } from "../calls/choices.ts";
import styles from "./overview.module.css";

type Day = {
  readonly day: string;
  readonly calls: number;
  readonly parts: readonly { readonly outcome: Outcome; readonly calls: number }[];
};
/** `null`: the call has not ended. */
type Outcome = Stats["data"][number]["outcome"] & (string | null);
const PARTS: readonly Outcome[] = [...OUTCOMES, null];

/**
 * A stacked column of outcomes for each day. A column links to the calls of its day, the legend to those of an outcome.
 */
export function CallsByDay({
  stats,
  period,
}: {
  stats: Stats;
  /** The days of the figures, as filters of the list of calls. */
  period: Pick<CallsSearch, "from" | "to">;
}) {
  const days = daysOf(stats);
  const max = evenMax(Math.max(4, ...days.map(({ calls }) => calls)));
  const outcomes = PARTS.filter((outcome) =>
    days.some(({ parts }) => parts.some((part) => part.outcome === outcome)),
  );
  if (outcomes.length === 0) {
    return (
      <Card title={t("overview.byDay")} flush>
        <p className={styles.empty}>{t("overview.noCalls")}</p>
      </Card>
    );
  }
  return (
    <Card title={t("overview.byDay")}>
      <ul className={styles.legend}>
        {outcomes.map((outcome) => (
          <li key={outcome}>
            <Link to="/calls" search={{ ...period, ...(outcome === null ? { phase: LIVE } : { outcome }) }}>
              <i className={lookOf(outcome)} />
              {wordOf(outcome)}
            </Link>
          </li>
        ))}
      </ul>
      <div className={styles.chart}>
        <span className={styles.scale} aria-hidden>
          <span>{count(max)}</span>
          <span>{count(max / 2)}</span>
          <span>0</span>
        </span>
        <ol className={styles.days} aria-label={t("overview.byDay")}>
          {days.map((day) => (
            <DayColumn key={day.day} day={day} max={max} />
          ))}
        </ol>
        <span className={styles.dates} aria-hidden>
          <span>{shortDay(stats.from)}</span>
          <span>{shortDay(stats.to)}</span>
        </span>
      </div>
    </Card>
  );
}

function DayColumn({ day: { day, calls, parts }, max }: { day: Day; max: number }) {
  const outcomes = parts.map(({ outcome, calls: some }) => `${wordOf(outcome)}: ${count(some)}`);
  const name = `${shortDay(day)}: ${counted("overview.callCount", calls)}`;
  return (
    <li>
      <Link
        to="/calls"
        search={{ from: day, to: addDays(day, 1) }}
        className={styles.day ?? ""}
        aria-label={name}
        title={[name, ...outcomes].join("\n")}
      >
        {parts.map(({ outcome, calls: some }) => (
          <span
            key={outcome}
            className={classes(styles.part, lookOf(outcome))}
            style={{ height: `${(some / max) * 100}%` }}
          />
        ))}
      </Link>
    </li>
  );
}

function wordOf(outcome: Outcome): string {
  return outcome === null ? t("overview.notEnded") : word("outcome", outcome);
}

function lookOf(outcome: Outcome): string | undefined {
  return outcome === null ? styles.goingOn : styles[outcomeTone(outcome)];
}

/** Returns every day of the period, including days without a call. */
function daysOf({ from, to, data }: Stats): Day[] {
  const days: Day[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) {
    const rows = data.filter((row) => row.day === day);
    const callsOf = (outcome: Outcome): number =>
      rows.reduce((sum, row) => sum + (row.outcome === outcome ? row.calls : 0), 0);
    const parts = PARTS.map((outcome) => ({ outcome, calls: callsOf(outcome) })).filter(
      (part) => part.calls > 0,
    );
    days.push({ day, parts, calls: rows.reduce((sum, row) => sum + row.calls, 0) });
  }
  return days;
}
