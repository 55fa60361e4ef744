import { MAX_COMPLETENESS_DAYS } from "@call-ledger/contract/completeness";
import { listRecentAlarms } from "@call-ledger/db/access";
import type { Alarm } from "@call-ledger/db/alerts";
import type { AccountCompleteness, DayCompleteness } from "@call-ledger/db/completeness";
import { callsOfUnknownAgents, completenessOf } from "@call-ledger/db/completeness";
import { asOperator, withOwner } from "@call-ledger/db-operator/admin";
import { alarmWords } from "@call-ledger/domain";
import { command, usage } from "../cli/command.ts";
import { documentOf } from "../cli/list-result.ts";
import { table } from "../cli/table.ts";
import { uuid, wholeNumber } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { figuresIn } from "../worker/figures.ts";

const DEFAULT_DAYS = 30;
const DAY_MS = 86_400_000;
const MAX_ALARMS = 20;

export const callsCompletenessCommand = command({
  about:
    "Shows whether every call of the provider is in the ledger, by account and day of the organization's calendar: the " +
    "provider's calls, the ledger's, the repaired ones and how, and the missing ones and why. Under ONLY HERE are calls " +
    "that the provider's list does not have: a call that is gone has no report. A day is complete if it is over, all of " +
    "it was compared, and each side has the calls of the other. Days without a known call are shown with --json only, " +
    "unless they could not be compared. Below are the alarms of these days, and a summary in one line.",
  options: {
    account: { value: "ID", about: "only this account; account list shows the ids", parse: uuid },
    days: {
      value: "N",
      about: `the number of days until today, 1 to ${MAX_COMPLETENESS_DAYS}; default ${DEFAULT_DAYS}`,
      parse: wholeNumber(1, MAX_COMPLETENESS_DAYS),
    },
  },
  examples: ["calls completeness", "calls completeness --days 1 --json"],

  async run({ account, days = DEFAULT_DAYS }, { env, now, program }) {
    const closedSince = new Date(now() - days * DAY_MS);
    const url = ownerUrl(env);
    const known = await asOperator(url, (db) => listRecentAlarms(db, closedSince, MAX_ALARMS));
    const { all, unknown } = await withOwner(url, async (owner) => ({
      all: await owner.run((sql) => completenessOf(sql, null, { from: null, to: null, days })),
      unknown: await owner.run((sql) => callsOfUnknownAgents(sql, days)),
    }));
    const alarms = known.filter(
      ({ scope }) => account === undefined || scope === `account:${account}` || !scope.startsWith("account:"),
    );
    const nobodys = unknown.filter(({ accountId }) => account === undefined || accountId === account);
    const accounts = all.filter(({ accountId }) => account === undefined || accountId === account);
    if (account !== undefined && accounts.length === 0) {
      throw usage(
        `No organization has calls or agents of an account ${account}; account list shows the accounts.`,
      );
    }
    return {
      document: {
        accounts: accounts.map(documentOfAccount),
        unknown_agents: nobodys.map(documentOf),
        alarms: alarms.map(documentOfAlarm),
      },
      text: [
        ...accounts.flatMap(linesOf),
        ...nobodys.map(
          ({ accountId, calls }) =>
            `Calls of account ${accountId} whose agent no organization has: ${calls}. ${program} doctor names the agents; agent add and reconcile --from DAY --org ID book their calls.`,
        ),
        ...alarms.map(lineOfAlarm),
        `The last ${days === 1 ? "day" : `${days} days`}: ${accounts.map(summaryOf).join("; ") || "no account has calls"}.`,
      ],
    };
  },
});

function linesOf({ days, orgId, accountId, timeZone }: AccountCompleteness): string[] {
  const known = days.filter((day) => day.behind || day.providerCalls + day.gone + day.unlisted > 0);
  if (known.length === 0) return [];
  const rows = known.map((day) => [
    day.day,
    String(day.providerCalls),
    String(day.ours),
    String(day.difference),
    wordsOf(day.repaired),
    wordsOf(day.missing),
    wordsOf(onlyHere(day)),
    completeWord(day, days),
  ]);
  return [
    `Account ${accountId} of organization ${orgId}, days in ${timeZone}:`,
    ...table(["DAY", "PROVIDER", "OURS", "DIFFERENCE", "REPAIRED", "MISSING", "ONLY HERE", "COMPLETE"], rows),
    "",
  ];
}

function onlyHere({ gone, unlisted }: DayCompleteness): Readonly<Record<string, number>> {
  return { ...(gone > 0 ? { gone } : {}), ...(unlisted > 0 ? { unlisted } : {}) };
}

function wordsOf(counts: Readonly<Record<string, number>>): string | null {
  return Object.keys(counts).length === 0 ? null : figuresIn(counts);
}

/** The range ends today. */
function completeWord(
  { day, complete, compared, missing }: DayCompleteness,
  days: readonly DayCompleteness[],
): string {
  if (complete) return "yes";
  if (Object.keys(missing).length > 0 || (compared && day !== days.at(-1)?.day)) return "no";
  return day === days.at(-1)?.day ? "not over" : "not compared";
}

function summaryOf({ accountId, days, daysOver, daysComplete, comparedUntil }: AccountCompleteness): string {
  if (comparedUntil === null) {
    return `account ${accountId} was never compared: it has no API key, or its first comparison has not ended (see doctor)`;
  }
  const sum = (of: (day: DayCompleteness) => number) => days.reduce((total, day) => total + of(day), 0);
  const [theirs, ours] = [sum(({ providerCalls }) => providerCalls), sum((day) => day.ours)];
  const repaired = sum((day) => Object.values(day.repaired).reduce((total, count) => total + count, 0));
  return (
    `account ${accountId} compared until ${iso(comparedUntil)}, ${daysComplete} of ${daysOver} days that are over complete, ` +
    `${ours} of ${theirs} calls in the ledger, ${repaired} of them repaired`
  );
}

function lineOfAlarm(alarm: Alarm): string {
  const closed = alarm.closedAt === null ? "still open" : `closed ${alarm.closedAt.toISOString()}`;
  const words = alarmWords(alarm.condition, alarm.figures);
  return `Alarm ${alarm.condition} of ${alarm.openedAt.toISOString()}, ${closed}: ${words}`;
}

function documentOfAlarm({ id, condition, scope, openedAt, closedAt, figures }: Alarm) {
  return documentOf({ id, condition, scope, openedAt, closedAt, summary: alarmWords(condition, figures) });
}

function documentOfAccount({ days, comparedUntil, ...account }: AccountCompleteness) {
  return {
    ...documentOf(account),
    compared_until: comparedUntil === null ? null : iso(comparedUntil),
    days: days.map(documentOf),
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
