import type { SQL } from "drizzle-orm";
import { and, asc, desc, eq, getTableColumns, sql } from "drizzle-orm";
import { z } from "zod";
import { callAnnotations } from "../schema/access.table.ts";
import { calls } from "../schema/calls.table.ts";
import { agents } from "../schema/organizations.table.ts";
import type { CallSelection } from "./call-filters.ts";
import { recordingState, selectedByIndex, selectedByRow, startOrFirstSeen } from "./call-filters.ts";
import { CursorRefused, cursorOf, instantText, ListTooLong, placeOf } from "./keyset.ts";
import type { Queries } from "./reader.ts";

export type CallOrder = {
  readonly sort: "start" | "duration" | "cost";
  readonly order: "desc" | "asc";
};

/**
 * The max number of calls that one page searches. A filter that few calls pass gives a page with fewer rows than
 * requested, and a cursor to continue. An order by duration or cost needs all calls of the selection, so a selection of
 * more calls is refused.
 */
const MAX_LOOKED_AT = 10_000;
/** The same limit for a search of words, which reads the transcripts of these calls. */
const MAX_READ = 4_000;
/** The newest calls that are read first. They are enough for a word that is in most transcripts. */
const FIRST_READ = 200;

/** `startOrFirstSeen` of a searched call, as a column of the subquery, so that the planner knows its order. */
const START = sql`${sql.identifier("calls")}.${sql.identifier("start")}`;

/** The columns of a call in a list. */
export const summaryColumns = {
  id: calls.id,
  provider: calls.provider,
  providerCallId: calls.providerCallId,
  agentId: calls.agentId,
  agentName: agents.name,
  direction: calls.direction,
  phase: calls.phase,
  outcome: calls.outcome,
  endedReason: calls.endedReason,
  customerNumber: calls.customerNumber,
  customerName: calls.customerName,
  forwardedTo: calls.forwardedTo,
  firstSeenAt: calls.createdAt,
  startedAt: calls.startedAt,
  endedAt: calls.endedAt,
  durationSeconds: calls.durationSeconds,
  callerTurns: calls.callerTurns,
  attention: calls.attention,
  costUsd: calls.costUsd,
  updatedAt: calls.updatedAt,
  recordingState: recordingState,
  tags: callAnnotations.tags,
  externalRef: callAnnotations.externalRef,
} as const;

/** Returns a page of an organization's calls, and the cursor of the next page. Throws CursorRefused and ListTooLong. */
export async function listCalls(
  db: Queries,
  orgId: string,
  {
    selection,
    order,
    limit,
    cursor,
  }: {
    readonly selection: CallSelection;
    readonly order: CallOrder;
    readonly limit: number;
    readonly cursor?: string | undefined;
  },
) {
  const way = wayOf(order, cursor);
  const readFrom = (max: number) => {
    const looked = db.$with("calls").as(callsOf(db, orgId, selection, way, max));
    const ids = db.select({ id: looked.id }).from(looked);
    // Chosen before the joins, so that a list reads no more calls than it shows.
    const chosen = db
      .with(looked)
      .select()
      .from(looked)
      .where(and(selectedByRow(db, orgId, selection, ids), way.after))
      .orderBy(...way.orderBy)
      .limit(limit + 1);
    return db
      .select({ ...summaryColumns, ...placeColumns(way) })
      .from(chosen.as("calls"))
      .leftJoin(agents, and(eq(agents.orgId, calls.orgId), eq(agents.id, calls.agentId)))
      .leftJoin(
        callAnnotations,
        and(eq(callAnnotations.orgId, calls.orgId), eq(callAnnotations.callId, calls.id)),
      )
      .orderBy(...way.orderBy);
  };
  const max = selection.q === undefined ? MAX_LOOKED_AT : MAX_READ;
  const callAt = async (place: number) => {
    const [call] = await db
      .select({ id: calls.id, ...placeColumns(way) })
      .from(callsOf(db, orgId, selection, way, place + 1).as("calls"))
      .offset(place)
      .limit(1);
    return call;
  };
  if (order.sort !== "start" && (await callAt(max)) !== undefined) throw new ListTooLong(max);
  const first = selection.q !== undefined && order.sort === "start" ? await readFrom(FIRST_READ) : [];
  const found = first.length > limit ? first : await readFrom(max);
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  if (found.length > limit && last !== undefined) return { rows, nextCursor: way.cursorAt(last) };
  if (order.sort !== "start") return { rows, nextCursor: null };
  // There are fewer calls than requested: either these are all, or no more were searched.
  const end = await callAt(max - 1);
  return { rows, nextCursor: end === undefined ? null : way.cursorAt(end) };
}

type Place = { readonly id: string; readonly start: string; readonly key: string; readonly now: string };

const placeColumns = ({ key }: Way) => ({
  start: sql<string>`${startOrFirstSeen}::text`,
  key,
  now: sql<string>`now()::text`,
});

/** How a list continues from its cursor. */
type Way = {
  /** The condition that limits the calls that are searched. */
  readonly window: SQL | undefined;
  readonly windowOrder: "desc" | "asc";
  readonly key: SQL<string>;
  readonly after: SQL | undefined;
  readonly orderBy: readonly SQL[];
  cursorAt(last: Place): string;
};

const startPlace = z.tuple([z.literal("start"), z.enum(["desc", "asc"]), instantText, z.uuid()]);
const figurePlace = z.tuple([
  z.enum(["duration", "cost"]),
  z.enum(["desc", "asc"]),
  z.string().regex(/^-?\d{1,12}(?:\.\d{1,6})?$/),
  z.uuid(),
  instantText,
]);

function wayOf({ sort, order }: CallOrder, cursor: string | undefined): Way {
  const direction = order === "desc" ? desc : asc;
  const beyond = (left: SQL, right: SQL) =>
    order === "desc" ? sql`${left} < ${right}` : sql`${left} > ${right}`;
  if (sort === "start") {
    const place = cursor === undefined ? null : placeOf(startPlace, cursor);
    if (place !== null && place[1] !== order) throw new CursorRefused("the cursor is of another order");
    return {
      window:
        place === null
          ? undefined
          : beyond(
              sql`(${startOrFirstSeen}, ${calls.id})`,
              sql`(${place[2]}::timestamptz, ${place[3]}::uuid)`,
            ),
      windowOrder: order,
      key: sql<string>`''`,
      after: undefined,
      orderBy: [direction(START), direction(calls.id)],
      cursorAt: (last) => cursorOf(["start", order, last.start, last.id]),
    };
  }
  const place = cursor === undefined ? null : placeOf(figurePlace, cursor);
  if (place !== null && (place[0] !== sort || place[1] !== order)) {
    throw new CursorRefused("the cursor is of another order");
  }
  const column = sort === "duration" ? calls.durationSeconds : calls.costUsd;
  // Calls without a value come last in either order.
  const key = sql`coalesce(${column}, ${sql.raw(order === "desc" ? "-1" : "999999999999")})`;
  const top = place === null ? sql`now()` : sql`${place[4]}::timestamptz`;
  return {
    // New calls do not displace others from the searched ones.
    window: sql`${startOrFirstSeen} <= ${top}`,
    windowOrder: "desc",
    key: sql<string>`${key}::text`,
    after:
      place === null
        ? undefined
        : beyond(sql`(${key}, ${calls.id})`, sql`(${place[2]}::numeric, ${place[3]}::uuid)`),
    orderBy: [direction(key), direction(calls.id)],
    cursorAt: (last) => cursorOf([sort, order, last.key, last.id, place?.[4] ?? last.now]),
  };
}

/** Returns the calls that are searched. */
function callsOf(
  db: Queries,
  orgId: string,
  selection: CallSelection,
  { window, windowOrder }: Way,
  max: number,
) {
  const direction = windowOrder === "desc" ? desc : asc;
  return db
    .select({ ...getTableColumns(calls), start: startOrFirstSeen.as("start") })
    .from(calls)
    .where(and(selectedByIndex(db, orgId, selection), window))
    .orderBy(direction(startOrFirstSeen), direction(calls.id))
    .limit(max);
}
