import type { Completeness } from "@call-ledger/contract/completeness";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight, CircleAlert, CircleCheck } from "lucide-react";
import { useMe } from "../../app/session.tsx";
import { classes } from "../../components/classes.ts";
import { Card } from "../../components/page.tsx";
import { ProviderName } from "../../components/provider-name.tsx";
import { Time } from "../../components/time.tsx";
import { count } from "../../format/numbers.ts";
import { t } from "../../text/text.ts";
import { completenessQuery, isLackingCalls } from "../completeness/completeness.query.ts";
import styles from "./overview.module.css";

/** Comparisons run every few minutes. */
const BEHIND_MS = 3_600_000;

/**
 * One line for each account that is compared with the provider's own list of calls: how many of the last 30 days are
 * complete, and how many of their calls the ledger has. Shows nothing until it is known, and if no account is compared.
 */
export function CompletenessLines() {
  const { organization } = useMe();
  const { data } = useQuery({ ...completenessQuery(), enabled: organization !== null });
  const compared = data?.accounts.filter((account) => account.compared_until !== null) ?? [];
  if (compared.length === 0) return null;
  return (
    <Card flush>
      <ul className={styles.lines}>
        {compared.map((account) => (
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

function ComparedAccount({ account }: { account: Account }) {
  const { provider, compared_until: until, days, days_over: over, days_complete: complete } = account;
  const isMissing = days.some(isLackingCalls);
  const isBehind = until !== null && Date.now() - Date.parse(until) > BEHIND_MS;
  const isDoubtful = isMissing || isBehind;
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
            isMissing ? "overview.callsMissing" : isBehind ? "overview.comparedLate" : "overview.noneMissing",
            {
              ours: count(sumOf(days, (day) => day.ours)),
              theirs: count(sumOf(days, (day) => day.provider_calls)),
              repaired: count(
                sumOf(days, (day) => Object.values(day.repaired).reduce((sum, calls) => sum + calls, 0)),
              ),
            },
          )}
        </span>
      </span>
      <span className={styles.since}>
        {until !== null && <Time at={until} form="relative" />}
        <ArrowRight size={15} aria-hidden />
      </span>
    </li>
  );
}
