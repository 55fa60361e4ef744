import type { Completeness } from "@call-ledger/contract/completeness";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight, CircleAlert, CircleCheck } from "lucide-react";
import { classes } from "../../components/classes.ts";
import { Card } from "../../components/page.tsx";
import { ProviderName } from "../../components/provider-name.tsx";
import { Time } from "../../components/time.tsx";
import { count } from "../../format/numbers.ts";
import { t } from "../../text/text.ts";
import { completenessQuery, isLackingCalls } from "../completeness/completeness.query.ts";
import { DayStrip } from "./day-strip.tsx";
import styles from "./overview.module.css";

/** Comparisons run every few minutes. */
const BEHIND_MS = 3_600_000;

/**
 * The accounts that are compared with the provider's own list of calls: those that lack calls or were not compared for
 * long, and the others.
 */
export function useComparedAccounts() {
  const { data, error, refetch } = useQuery(completenessQuery());
  const compared = data?.accounts.filter((account) => account.compared_until !== null) ?? [];
  return {
    isKnown: data !== undefined,
    error,
    refetch,
    doubtful: compared.filter((account) => isMissing(account) || isBehind(account)),
    sound: compared.filter((account) => !isMissing(account) && !isBehind(account)),
  };
}

/** One line for each account whose comparison needs no attention. Shows nothing until it is known. */
export function CompletenessLines() {
  const { sound } = useComparedAccounts();
  if (sound.length === 0) return null;
  return (
    <Card flush>
      <ul className={styles.lines}>
        {sound.map((account) => (
          <ComparedAccount key={account.id} account={account} />
        ))}
      </ul>
    </Card>
  );
}

type Account = Completeness["accounts"][number];

function sumOf(days: Account["days"], of: (day: Account["days"][number]) => number): number {
  return days.reduce((sum, day) => sum + of(day), 0);
}

function isMissing({ days }: Account): boolean {
  return days.some(isLackingCalls);
}

function isBehind({ compared_until: until }: Account): boolean {
  return until !== null && Date.now() - Date.parse(until) > BEHIND_MS;
}

/**
 * One line for an account: how many of the last 30 days are complete, and how many of their calls the ledger has.
 */
export function ComparedAccount({ account }: { account: Account }) {
  const { provider, compared_until: until, days, days_over: over, days_complete: complete } = account;
  const isDoubtful = isMissing(account) || isBehind(account);
  return (
    <li className={styles.attention}>
      <span className={classes(styles.compared, isDoubtful && styles.isDoubtful)}>
        {isDoubtful ? <CircleAlert size={17} aria-hidden /> : <CircleCheck size={17} aria-hidden />}
      </span>
      <span>
        <Link to="/completeness" className={styles.cover ?? ""}>
          {provider !== null && <ProviderName provider={provider} />}:{" "}
          {t("completeness.daysOf", { complete: count(complete), over: count(over) })}
        </Link>
        <span className={styles.about}>
          {t(
            isMissing(account)
              ? "overview.callsMissing"
              : isBehind(account)
                ? "overview.comparedLate"
                : "overview.noneMissing",
            {
              ours: count(sumOf(days, (day) => day.ours)),
              theirs: count(sumOf(days, (day) => day.provider_calls)),
              repaired: count(
                sumOf(days, (day) => Object.values(day.repaired).reduce((sum, calls) => sum + calls, 0)),
              ),
            },
          )}
        </span>
        <DayStrip account={account.id} days={days} />
      </span>
      <span className={styles.since}>
        {until !== null && <Time at={until} form="relative" />}
        <ArrowRight size={15} aria-hidden />
      </span>
    </li>
  );
}
