import { acknowledgeAlarm, listRecentAlarms, muteAlarm, OPERATOR } from "@call-ledger/db/access";
import { asOperator } from "@call-ledger/db-operator/admin";
import { alarmWords, runbookOf } from "@call-ledger/domain";
import { command, failure, usage } from "../cli/command.ts";
import { DEFAULT_LIMIT, doneResult, LIMIT_OPTION, listResult } from "../cli/list-result.ts";
import { duration, eachId, oneId } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";

const HOUR_MS = 3_600_000;
const SINCE_MS = 24 * HOUR_MS;
const OPERATORS = { orgId: null, actor: OPERATOR };
const ALARM = { what: "alarm", shownBy: "alerts list" } as const;

export const alertsListCommand = command({
  about:
    "Shows the alarms of all organizations and of the installation: first the open ones, then those that closed within " +
    "a time. Each has its failure and its runbook. The exit code is always 0; a program reads the result with --json.",
  options: {
    since: {
      value: "TIME",
      about: "also shows alarms that closed within this time; default 24h",
      parse: duration,
    },
    limit: LIMIT_OPTION,
  },
  examples: ["alerts list", "alerts list --since 72h --json"],

  async run({ since = SINCE_MS, limit = DEFAULT_LIMIT }, { env, now }) {
    const alarms = await asOperator(ownerUrl(env), (db) =>
      listRecentAlarms(db, new Date(now() - since), limit),
    );
    const rows = alarms.map((alarm) => ({
      ...alarm,
      summary: alarmWords(alarm.condition, alarm.figures),
      runbook: runbookOf(alarm.condition),
    }));
    return listResult(rows, {
      columns: {
        ID: ({ id }) => id,
        ALARM: ({ condition }) => condition,
        ABOUT: ({ scope }) => scope,
        OPENED: ({ openedAt }) => openedAt,
        CLOSED: ({ closedAt }) => closedAt,
        ACKNOWLEDGED: ({ acknowledgedBy }) => acknowledgedBy,
        "WHAT IS WRONG": ({ summary }) => summary,
        RUNBOOK: ({ runbook }) => runbook,
      },
      none: "No alarm is open, and none has closed within the time.",
      limit,
    });
  },
});

export const alertsAckCommand = command({
  about:
    "Acknowledges alarms, to show that a person works on the failure. An acknowledged alarm is not repeated, but its end " +
    "is still sent. Only the first acknowledgement counts. Exit code 1 if an id is not that of an open alarm.",
  options: { by: { value: "NAME", about: "who works on the failure; default operator" } },
  values: "ID…",
  examples: ["alerts ack 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --by Dana"],

  async run({ by = "operator" }, { env }, values) {
    const ids = eachId(values, ALARM);
    const known = await asOperator(ownerUrl(env), async (db) => {
      const open: string[] = [];
      for (const id of ids) {
        const alarm = await acknowledgeAlarm(db, OPERATORS, id, by);
        if (alarm?.closedAt === null) open.push(id);
      }
      return open;
    });
    const missing = (id: string) => `No alarm ${id} is open; alerts list shows the alarms.`;
    return doneResult(ids, known, { done: "acknowledged", missing });
  },
});

export const alertsMuteCommand = command({
  about:
    "Sends no message about an alarm for a time, nor about the next alarm of the same kind and subject. An end in that " +
    "time is only in the log and in alerts list. --off ends this earlier.",
  options: {
    for: { value: "TIME", about: "the duration, such as 4h; default 24h", parse: duration },
    off: { about: "send messages again from now on" },
  },
  values: "ID",
  examples: [
    "alerts mute 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --for 12h",
    "alerts mute 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --off",
  ],

  async run({ for: spanMs, off }, { env, now }, values) {
    const id = oneId(values, ALARM);
    if (off && spanMs !== undefined) throw usage("Use --for or --off, not both.");
    const until = off ? null : new Date(now() + (spanMs ?? SINCE_MS));
    const alarm = await asOperator(ownerUrl(env), (db) => muteAlarm(db, OPERATORS, id, until));
    if (alarm === null) throw failure(`There is no alarm ${id}; alerts list shows the alarms.`);
    const mutedUntil = until?.toISOString() ?? null;
    return {
      document: { id, muted_until: mutedUntil },
      text: [
        mutedUntil === null
          ? "Messages about the alarm are sent again."
          : `No message about the alarm is sent until ${mutedUntil}.`,
      ],
    };
  },
});
