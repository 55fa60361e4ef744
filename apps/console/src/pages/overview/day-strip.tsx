import { Link } from "@tanstack/react-router";
import { classes } from "../../components/classes.ts";
import { useZone } from "../../components/zone.ts";
import { dayOf, shortDay } from "../../format/dates.ts";
import { count } from "../../format/numbers.ts";
import { t, word } from "../../text/text.ts";
import type { ComparedDay } from "../completeness/day-state.ts";
import { dayState } from "../completeness/day-state.ts";
import styles from "./overview.module.css";

/**
 * One mark for each day of an account, in the color of its state. A day that lacks calls opens them. The title has the
 * day's counts.
 */
export function DayStrip({ account, days }: { account: string; days: readonly ComparedDay[] }) {
  const today = dayOf(new Date(), useZone());
  return (
    <ol className={styles.strip} aria-label={t("overview.comparedDays")}>
      {days.map((day) => {
        const [tone, state] = dayState(day, today);
        const name = `${shortDay(day.day)}: ${t(state)}`;
        const look = {
          className: classes(styles.mark, styles[tone]),
          title: [name, ...countsOf(day)].join("\n"),
        };
        return (
          <li key={day.day}>
            {day.difference > 0 ? (
              <Link to="/completeness" search={{ account, day: day.day, part: "missing" }} {...look}>
                <span className="visually-hidden">{name}</span>
              </Link>
            ) : (
              <i {...look}>
                <span className="visually-hidden">{name}</span>
              </i>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function countsOf({ provider_calls, ours, difference, repaired, missing }: ComparedDay): string[] {
  if (provider_calls === 0) return [];
  const parts = (group: "lack" | "missing", counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([name, calls]) => `${count(calls)} ${word(group, name)}`);
  return [
    `${t("completeness.theirs")}: ${count(provider_calls)}`,
    `${t("completeness.ours")}: ${count(ours)}`,
    `${t("completeness.difference")}: ${[count(difference), ...parts("missing", missing)].join(", ")}`,
    `${t("completeness.repaired")}: ${parts("lack", repaired).join(", ") || "0"}`,
  ];
}
