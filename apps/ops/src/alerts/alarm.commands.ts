import { acknowledgeAlarm, listAlarms, muteAlarm } from "@call-ledger/db/alerts";
import { withOwner } from "@call-ledger/db-operator/admin";
import { alarmWords, RUNBOOKS } from "@call-ledger/domain";
import { command, failure, usage } from "../cli/command.ts";
import { DEFAULT_LIMIT, LIMIT_OPTION, listed } from "../cli/listed.ts";
import { duration, uuid } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";

const HOUR_MS = 3_600_000;
const SINCE_MS = 24 * HOUR_MS;

export const alertsListCommand = command({
  about:
    "Shows the alarms of all organizations and of the installation: first those that are open, then those that closed " +
    "within a time, each with what is or was wrong and the page that says what to do. Exit code 0 in any case: " +
    "--json for programs.",
  options: {
    since: { value: "TIME", about: "those that closed within this time, too; default 24h", parse: duration },
    limit: LIMIT_OPTION,
  },
  examples: ["alerts list", "alerts list --since 72h --json"],

  async run({ since = SINCE_MS, limit = DEFAULT_LIMIT }, { env, now }) {
    const alarms = await withOwner(ownerUrl(env), (owner) =>
      owner.run((sql) => listAlarms(sql, { closedSince: now() - since, max: limit })),
    );
    const rows = alarms.map((alarm) => ({
      ...alarm,
      summary: alarmWords(alarm.condition, alarm.figures),
      runbook: `docs/runbooks/${RUNBOOKS[alarm.condition]}.md`,
    }));
    return listed(rows, {
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
      none: "No alarm is open, and none has closed lately.",
      limit,
    });
  },
});

export const alertsAckCommand = command({
  about:
    "Says that somebody looks after an alarm. It is not repeated any more; its end is still told. The first to say so " +
    "stands. Exit code 1 if one of the ids is no open alarm's.",
  options: { by: { value: "NAME", about: "who looks after it; default operator" } },
  values: "ID…",
  examples: ["alerts ack 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --by Dana"],

  async run({ by = "operator" }, { env }, values) {
    const ids = idsIn(values);
    const missing = await withOwner(ownerUrl(env), async (owner) => {
      const known = await Promise.all(
        ids.map((id) => owner.run((sql) => acknowledgeAlarm(sql, { id, orgId: null }, by))),
      );
      return ids.filter((_, place) => known[place] !== true);
    });
    return {
      document: ids.filter((id) => !missing.includes(id)).map((id) => ({ id })),
      text: [
        `${ids.length - missing.length} of ${ids.length} acknowledged.`,
        ...missing.map((id) => `No alarm ${id} is open; alerts list shows those there are.`),
      ],
      exitCode: missing.length > 0 ? 1 : 0,
    };
  },
});

export const alertsMuteCommand = command({
  about:
    "Tells nobody of an alarm for a time, nor of the next one of the same kind about the same thing. With --off it is told " +
    "of again.",
  options: {
    for: { value: "TIME", about: "for how long, such as 4h; default 24h", parse: duration },
    off: { about: "from now on again" },
  },
  values: "ID",
  examples: [
    "alerts mute 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --for 12h",
    "alerts mute 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --off",
  ],

  async run({ for: spanMs, off }, { env, now }, values) {
    const [id, ...more] = idsIn(values);
    if (id === undefined || more.length > 0) throw usage("Mute one alarm at a time, by its id.");
    if (off && spanMs !== undefined) throw usage("Say --for or --off, not both.");
    const until = off ? null : now() + (spanMs ?? SINCE_MS);
    const isMuted = await withOwner(ownerUrl(env), (owner) =>
      owner.run((sql) => muteAlarm(sql, { id, orgId: null }, until)),
    );
    if (!isMuted) throw failure(`There is no alarm ${id}; alerts list shows those there are.`);
    const mutedUntil = until === null ? null : new Date(until).toISOString();
    return {
      document: { id, muted_until: mutedUntil },
      text: [mutedUntil === null ? "It is told of again." : `Nobody is told of it until ${mutedUntil}.`],
    };
  },
});

function idsIn(values: readonly string[]): string[] {
  const ids = [...new Set(values.map((value) => uuid(value, "The id of an alarm")))];
  if (ids.length === 0) throw usage("Name each alarm by its id; alerts list shows them.");
  return ids;
}
