import type { Completeness } from "@call-ledger/contract/completeness";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Cable, Unplug } from "lucide-react";
import type { ReactNode } from "react";
import { ShowLink, useMark } from "../../app/shown.tsx";
import { Badge } from "../../components/badge.tsx";
import { classes } from "../../components/classes.ts";
import { Loaded } from "../../components/loaded.tsx";
import { Below, Card, endCell, Facts, lineCell, Page, Table } from "../../components/page.tsx";
import { ProviderName } from "../../components/provider-name.tsx";
import { State } from "../../components/state.tsx";
import { Time } from "../../components/time.tsx";
import { addDays, dayOf, shortDay } from "../../format/dates.ts";
import { count } from "../../format/numbers.ts";
import { t, word } from "../../text/text.ts";
import { accountName, agentAccountsQuery } from "../agents/agent-accounts.ts";
import { ComparedCalls } from "./compared-calls.tsx";
import styles from "./completeness.module.css";
import { completenessQuery } from "./completeness.query.ts";
import type { CompletenessSearch } from "./completeness-search.ts";
import type { ComparedDay } from "./day-state.ts";
import { dayState } from "./day-state.ts";
import { LatestAlarms } from "./latest-alarms.tsx";
import { useWaitingDeliveries, WaitingDeliveries } from "./waiting-deliveries.tsx";

/** The class of a cell with a number. An empty one has a dash. */
const numberCell = classes(endCell, styles.counts);

type Account = Completeness["accounts"][number];

/** Whether every call of the provider is in the ledger, by account and day. */
export function CompletenessPage() {
  const completeness = useQuery(completenessQuery());
  const waiting = useWaitingDeliveries();
  const { account, day, part, reason } = useSearch({ from: "/inside/completeness" });
  const navigate = useNavigate({ from: "/completeness" });
  return (
    <Page title={t("completeness.title")} about={t("completeness.about")}>
      <WaitingDeliveries groups={waiting.data?.data ?? []} />
      <Below isLoading={waiting.isPending}>
        <Loaded query={completeness} inCards>
          {({ accounts, time_zone: zone }) =>
            accounts.length === 0 ? (
              <Card>
                <State icon={<Cable size={18} aria-hidden />} title={t("completeness.emptyTitle")}>
                  <p>{t("completeness.empty")}</p>
                </State>
              </Card>
            ) : (
              accounts.map((account) => (
                <AccountCard key={account.id} account={account} today={dayOf(new Date(), zone)} />
              ))
            )
          }
        </Loaded>
      </Below>
      <Below isLoading={waiting.isPending || completeness.isPending}>
        <LatestAlarms />
      </Below>
      {account !== undefined && day !== undefined && part !== undefined && (
        <ComparedCalls
          account={account}
          day={day}
          part={part}
          {...(reason === undefined ? {} : { reason })}
          onClose={() => void navigate({ search: {}, resetScroll: false, replace: true })}
        />
      )}
    </Page>
  );
}

function AccountCard({ account, today }: { account: Account; today: string }) {
  const { compared_until: until } = account;
  const title = <AccountName id={account.id} />;
  if (until === null) {
    return (
      <Card title={title}>
        <State icon={<Unplug size={18} aria-hidden />} title={t("completeness.neverTitle")}>
          <p>{t("completeness.never")}</p>
        </State>
      </Card>
    );
  }
  const { days_over: over, days_complete: complete } = account;
  const { earlier, days } = sinceFirst(account.days);
  return (
    <Card title={title} flush>
      <div className={styles.facts}>
        <Facts
          facts={[
            [t("completeness.until"), <Time key="until" at={until} form="relative" />],
            [
              t("completeness.days"),
              <ShowLink key="days" show={account.id}>
                {t("completeness.daysOf", { complete: count(complete), over: count(over) })}
              </ShowLink>,
            ],
          ]}
        />
      </div>
      {days.length === 0 ? (
        <p className={styles.none}>{t("completeness.noCalls")}</p>
      ) : (
        <Days account={account.id}>
          <Table
            label={t("completeness.title")}
            headings={[
              t("completeness.day"),
              { text: t("completeness.theirs"), end: true },
              { text: t("completeness.ours"), end: true },
              { text: t("completeness.difference"), end: true },
              t("completeness.repaired"),
              t("completeness.missing"),
              t("completeness.onlyHere"),
              t("completeness.state"),
            ]}
          >
            {days.map((day) => (
              <DayRow key={day.day} account={account.id} day={day} today={today} />
            ))}
            <EarlierDays days={earlier} />
          </Table>
        </Days>
      )}
    </Card>
  );
}

/**
 * The days from the newest one to the first that was compared or should have been, also those without a call; and the
 * days before them in the order of the calendar.
 */
function sinceFirst(days: readonly ComparedDay[]) {
  const first = days.findIndex(
    (one) => one.compared || one.behind || one.provider_calls + one.gone + one.unlisted > 0,
  );
  const at = first === -1 ? days.length : first;
  return { earlier: days.slice(0, at), days: days.slice(at).toReversed() };
}

/** One row for the days before the comparison began. */
function EarlierDays({ days }: { days: readonly ComparedDay[] }) {
  const [first, last] = [days[0]?.day, days.at(-1)?.day];
  if (first === undefined || last === undefined) return null;
  return (
    <tr>
      <td className={lineCell}>
        <Link to="/calls" search={{ from: first, to: addDays(last, 1) }}>
          {first === last
            ? shortDay(first)
            : t("calls.periodCustom", { from: shortDay(first), to: shortDay(last) })}
        </Link>
      </td>
      <td className={numberCell} />
      <td className={numberCell} />
      <td className={numberCell} />
      <td className={styles.counts} />
      <td className={styles.counts} />
      <td className={styles.counts} />
      <td className={lineCell}>
        <Badge tone="gray" dot plain>
          {t("completeness.notCompared")}
        </Badge>
      </td>
    </tr>
  );
}

/** The table of an account's days. A URL can name it. */
function Days({ account, children }: { account: string; children: ReactNode }) {
  const mark = useMark<HTMLDivElement>(account, "start");
  return (
    <div ref={mark} tabIndex={-1} className={styles.days}>
      {children}
    </div>
  );
}

function AccountName({ id }: { id: string }) {
  const accounts = useQuery(agentAccountsQuery());
  const account = accounts.data?.data.find((one) => one.id === id);
  if (account === undefined) return t("deliveries.account");
  return (
    <>
      <ProviderName provider={account.provider} />
      <span className={styles.name}>{accountName(account)}</span>
    </>
  );
}

function DayRow({ account, day, today }: { account: string; day: ComparedDay; today: string }) {
  const [tone, state] = dayState(day, today);
  const of = { account, day: day.day };
  const hasCalls = day.provider_calls + day.gone + day.unlisted > 0;
  return (
    <tr>
      <td className={lineCell}>
        <Link to="/calls" search={{ from: day.day, to: addDays(day.day, 1) }}>
          {shortDay(day.day)}
        </Link>
      </td>
      <td className={numberCell}>
        <CallCount calls={day.provider_calls} of={{ ...of, part: "listed" }} />
      </td>
      <td className={numberCell}>
        {hasCalls && <CallCount calls={day.ours} of={{ ...of, part: "ours" }} />}
      </td>
      <td className={numberCell}>
        {hasCalls && <CallCount calls={day.difference} of={{ ...of, part: "missing" }} />}
      </td>
      <td className={styles.counts}>
        <Counts group="lack" counts={day.repaired} of={(reason) => ({ ...of, part: "repaired", reason })} />
      </td>
      <td className={styles.counts}>
        <Counts group="missing" counts={day.missing} of={(reason) => ({ ...of, part: "missing", reason })} />
      </td>
      <td className={styles.counts}>
        <Counts
          group="onlyHere"
          counts={{ gone: day.gone, unlisted: day.unlisted }}
          of={(part) => ({ ...of, part })}
        />
      </td>
      <td className={lineCell}>
        <Badge tone={tone} dot plain>
          {t(state)}
        </Badge>
      </td>
    </tr>
  );
}

/** A number of calls, which opens them; 0 opens nothing. */
function CallCount({ calls, of, children }: { calls: number; of: CompletenessSearch; children?: string }) {
  const text = `${count(calls)}${children === undefined ? "" : ` ${children}`}`;
  if (calls === 0) return text;
  return (
    <Link to="/completeness" search={of} resetScroll={false}>
      {text}
    </Link>
  );
}

/** Counts with their words, such as `2 without a report`, each on its line; nothing if all are 0. */
function Counts<Name extends string>({
  group,
  counts,
  of,
}: {
  group: "lack" | "missing" | "onlyHere";
  counts: Readonly<Partial<Record<Name, number>>>;
  of: (name: Name) => CompletenessSearch;
}) {
  const names = (Object.keys(counts) as Name[]).filter((name) => (counts[name] ?? 0) > 0);
  if (names.length === 0) return null;
  return (
    <ul>
      {names.map((name) => (
        <li key={name}>
          <CallCount calls={counts[name] ?? 0} of={of(name)}>
            {word(group, name)}
          </CallCount>
        </li>
      ))}
    </ul>
  );
}
