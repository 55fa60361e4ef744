import { and, desc, eq, gte, isNotNull, isNull, or, sql } from "drizzle-orm";
import { z } from "zod";
import type { Alarm } from "../alerts/alarms.ts";
import { alarmSchema } from "../alerts/alarms.ts";
import { instantText, pageIn, placeOf } from "../read/keyset.ts";
import { alarms } from "../schema/alerts.table.ts";
import type { Change } from "./administration.ts";
import type { Author } from "./audit.query.ts";
import { noteChange } from "./audit.query.ts";

/**
 * `scopeName`: the name of the account, organization or channel in the alarm's scope; `null`: there is none, or it has
 * no name.
 */
export type NamedAlarm = Alarm & { readonly scopeName: string | null };

/** An account without a name is shown by its provider. */
const scopeName = sql<string | null>`case split_part(${alarms.scope}, ':', 1)
  when 'account' then (
    select coalesce(a.name, a.provider) from public.provider_accounts a
    where a.id = split_part(${alarms.scope}, ':', 2)::uuid)
  when 'organization' then (
    select o.name from public.organizations o where o.id = split_part(${alarms.scope}, ':', 2)::uuid)
  when 'channel' then (
    select coalesce(c.name, c.host) from public.alert_channels c
    where c.id = split_part(${alarms.scope}, ':', 2)::uuid)
  end`;

const columns = {
  id: alarms.id,
  orgId: alarms.orgId,
  condition: alarms.condition,
  scope: alarms.scope,
  scopeName,
  figures: alarms.figures,
  openedAt: alarms.openedAt,
  lastSeenAt: alarms.lastSeenAt,
  notifiedAt: alarms.notifiedAt,
  closedAt: alarms.closedAt,
  acknowledgedBy: alarms.acknowledgedBy,
  acknowledgedAt: alarms.acknowledgedAt,
  mutedUntil: alarms.mutedUntil,
};

const namedAlarmSchema = alarmSchema.extend({ scopeName: z.string().nullable() });
const place = z.tuple([z.literal("alarms"), instantText, z.uuid()]);

/**
 * Returns a page of alarms, newest first, of one organization or, with `null`, of all. `concerning` leaves out the
 * alarms of other organizations. Throws CursorRefused and DbError.
 */
export async function listAlarmPage(
  db: Change,
  orgId: string | null,
  page: {
    readonly state: "open" | "closed" | undefined;
    readonly concerning?: string | undefined;
    readonly closedSince?: Date;
    readonly limit: number;
    readonly cursor?: string | undefined;
  },
): Promise<{ readonly alarms: readonly NamedAlarm[]; readonly nextCursor: string | null }> {
  const { state, concerning, closedSince, limit, cursor } = page;
  const after = cursor === undefined ? null : placeOf(place, cursor);
  const found = await db
    .select({ ...columns, place: sql<string>`${alarms.openedAt}::text` })
    .from(alarms)
    .where(
      and(
        orgId === null ? undefined : eq(alarms.orgId, orgId),
        concerning === undefined ? undefined : or(eq(alarms.orgId, concerning), isNull(alarms.orgId)),
        state === "open" ? isNull(alarms.closedAt) : undefined,
        state === "closed" ? isNotNull(alarms.closedAt) : undefined,
        closedSince === undefined ? undefined : gte(alarms.closedAt, closedSince),
        after === null
          ? undefined
          : sql`(${alarms.openedAt}, ${alarms.id}) < (${after[1]}::timestamptz, ${after[2]}::uuid)`,
      ),
    )
    .orderBy(desc(alarms.openedAt), desc(alarms.id))
    .limit(limit + 1);
  const { rows, nextCursor } = pageIn(found, limit, (last) => ["alarms", last.place, last.id]);
  return { alarms: rows.map((row) => namedAlarmSchema.parse(row)), nextCursor };
}

/**
 * Returns the open alarms of all organizations, then those that closed since a time, each newest first, at most `max`
 * together. Throws DbError.
 */
export async function listRecentAlarms(db: Change, closedSince: Date, max: number): Promise<NamedAlarm[]> {
  const open = await listAlarmPage(db, null, { state: "open", limit: max });
  const closed = await listAlarmPage(db, null, { state: "closed", closedSince, limit: max });
  return [...open.alarms, ...closed.alarms].slice(0, max);
}

async function findAlarm(db: Change, orgId: string | null, id: string): Promise<NamedAlarm | null> {
  const [row] = await db
    .select(columns)
    .from(alarms)
    .where(and(eq(alarms.id, id), orgId === null ? undefined : eq(alarms.orgId, orgId)));
  return row === undefined ? null : namedAlarmSchema.parse(row);
}

/**
 * Notes that a person looks after an open alarm of the author's organization or, with `null`, of any. Only the first
 * person counts. Returns the alarm, which may be closed; `null`: there is no such alarm. Throws DbError.
 */
export async function acknowledgeAlarm(
  db: Change,
  author: Author,
  id: string,
  byWhom: string,
): Promise<NamedAlarm | null> {
  const alarm = await findAlarm(db, author.orgId, id);
  if (alarm === null || alarm.closedAt !== null || alarm.acknowledgedAt !== null) return alarm;
  await db.execute(sql`select call_ledger.acknowledge_alarm(${id}::uuid, ${alarm.orgId}::uuid, ${byWhom})`);
  const acknowledged = await findAlarm(db, author.orgId, id);
  await noteAlarm(db, author, alarm, "acknowledged", {
    after: { acknowledged_by: acknowledged?.acknowledgedBy },
  });
  return acknowledged;
}

/**
 * Mutes an alarm of the author's organization or, with `null`, of any, and the next one of its kind, until a time;
 * `null`: unmutes it. Returns the alarm; `null`: there is no such alarm. Throws DbError.
 */
export async function muteAlarm(
  db: Change,
  author: Author,
  id: string,
  until: Date | null,
): Promise<NamedAlarm | null> {
  const alarm = await findAlarm(db, author.orgId, id);
  if (alarm === null) return null;
  const at = until?.toISOString() ?? null;
  await db.execute(sql`select call_ledger.mute_alarm(${id}::uuid, ${alarm.orgId}::uuid, ${at}::timestamptz)`);
  await noteAlarm(db, author, alarm, until === null ? "unmuted" : "muted", {
    before: { muted_until: alarm.mutedUntil },
    after: { muted_until: until },
  });
  return findAlarm(db, author.orgId, id);
}

/**
 * Describes the alarm in the audit, because its id alone says nothing after the alarm is deleted. The entry belongs to
 * the alarm's organization, even if an operator made the change.
 */
async function noteAlarm(
  db: Change,
  { actor }: Author,
  { id, orgId, condition, scope }: NamedAlarm,
  what: "acknowledged" | "muted" | "unmuted",
  { before, after }: { readonly before?: object; readonly after: object },
): Promise<void> {
  await noteChange(db, { orgId, actor }, `alarm.${what}`, ["alarm", id], {
    ...(before && { before: { condition, scope, ...before } }),
    after: { condition, scope, ...after },
  });
}
