import type { AlarmAnswer, AlarmListQuery, MuteRequest } from "@call-ledger/contract/alerts";
import type { Actor, Administration, NamedAlarm } from "@call-ledger/db/access";
import { acknowledgeAlarm, listAlarmPage, muteAlarm } from "@call-ledger/db/access";
import { alarmWords, runbookOf } from "@call-ledger/domain";
import { ApiProblem } from "../mount/api-problem.ts";
import type { Handlers } from "../mount/handler.ts";
import { queryForRequest } from "../query-for-request.ts";
import { badField } from "../refusals.ts";
import type { AlarmsOf } from "./alarms-of.ts";
import { installationsAlarms, organizationsAlarms } from "./alarms-of.ts";

type AlarmHandlers = Pick<
  Handlers,
  | "listAlarms"
  | "acknowledgeAlarm"
  | "muteAlarm"
  | "unmuteAlarm"
  | "listInstallationAlarms"
  | "acknowledgeInstallationAlarm"
  | "muteInstallationAlarm"
  | "unmuteInstallationAlarm"
>;

const HOUR_MS = 3_600_000;
const MAX_MUTED_MS = 720 * HOUR_MS;

/**
 * Handlers for the alarms of one organization, and for the operator's: those of the installation and all organizations.
 */
export function alarmHandlers(administration: Administration): AlarmHandlers {
  const of = (orgId: string) => organizationsAlarms(administration, orgId);
  const all = installationsAlarms(administration);
  return {
    listAlarms: ({ caller, query }) => list(of(caller.orgId), query),
    acknowledgeAlarm: ({ caller, params }) => acknowledge(of(caller.orgId), params.alarm, caller.actor),
    muteAlarm: ({ caller, params, body }) =>
      mute(of(caller.orgId), params.alarm, caller.actor, endOf(body, Date.now())),
    async unmuteAlarm({ caller, params }) {
      await mute(of(caller.orgId), params.alarm, caller.actor, null);
      return null;
    },
    listInstallationAlarms: ({ query }) => list(all, query),
    acknowledgeInstallationAlarm: ({ caller, params }) => acknowledge(all, params.alarm, caller.actor),
    muteInstallationAlarm: ({ caller, params, body }) =>
      mute(all, params.alarm, caller.actor, endOf(body, Date.now())),
    async unmuteInstallationAlarm({ caller, params }) {
      await mute(all, params.alarm, caller.actor, null);
      return null;
    },
  };
}

async function list({ orgId, run }: AlarmsOf, query: AlarmListQuery) {
  const { state, for_organization: concerning, limit, cursor } = query;
  const { alarms, nextCursor } = await queryForRequest(() =>
    run((db) => listAlarmPage(db, orgId, { state, concerning, limit, cursor })),
  );
  return { data: alarms.map(alarmView), next_cursor: nextCursor };
}

async function acknowledge({ orgId, run }: AlarmsOf, id: string, actor: Actor): Promise<AlarmAnswer> {
  const found = await run((db) => acknowledgeAlarm(db, { orgId, actor }, id, actor.name ?? actor.kind));
  if (found === null) throw new ApiProblem("not_found");
  if (found.closedAt !== null && found.acknowledgedAt === null) {
    throw new ApiProblem("conflict", { detail: "The alarm is over, so it cannot be acknowledged." });
  }
  return alarmView(found);
}

/** Mutes an alarm until a time; `null`: its messages are sent again from now on. */
async function mute(
  { orgId, run }: AlarmsOf,
  id: string,
  actor: Actor,
  until: Date | null,
): Promise<AlarmAnswer> {
  const found = await run((db) => muteAlarm(db, { orgId, actor }, id, until));
  if (found === null) throw new ApiProblem("not_found");
  return alarmView(found);
}

/** The time until which an alarm is muted. Throws ApiProblem if it is in the past, or more than 30 days ahead. */
function endOf({ until, for_hours: hours }: MuteRequest, now: number): Date {
  const end = until === undefined ? now + (hours ?? 0) * HOUR_MS : Date.parse(until);
  if (end <= now) throw badField("body.until", "is in the past. Name a time in the future.");
  if (end > now + MAX_MUTED_MS) throw badField("body.until", "is more than 30 days ahead.");
  return new Date(end);
}

function alarmView({ condition, figures, ...alarm }: NamedAlarm): AlarmAnswer {
  return {
    id: alarm.id,
    organization_id: alarm.orgId,
    condition,
    scope: alarm.scope,
    scope_name: alarm.scopeName,
    summary: alarmWords(condition, figures),
    figures,
    runbook: runbookOf(condition),
    opened_at: alarm.openedAt.toISOString(),
    last_seen_at: alarm.lastSeenAt.toISOString(),
    notified_at: instant(alarm.notifiedAt),
    closed_at: instant(alarm.closedAt),
    acknowledged_by: alarm.acknowledgedBy,
    acknowledged_at: instant(alarm.acknowledgedAt),
    muted_until: instant(alarm.mutedUntil),
  };
}

function instant(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}
