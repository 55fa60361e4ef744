import { and, eq, getTableColumns, sql } from "drizzle-orm";
import { callAnnotations } from "../schema/access.table.ts";
import { calls } from "../schema/calls.table.ts";
import { agents } from "../schema/organizations.table.ts";
import type { CallSelection } from "./call-filters.ts";
import { recordingState, selectedByIndex, selectedByRow, startOrFirstSeen } from "./call-filters.ts";
import type { CallOrder, Way } from "./call-order.ts";
import { wayAlongFigure, wayByFigure, wayByStart } from "./call-order.ts";
import type { Queries } from "./reader.ts";

/**
 * The max number of calls that one page searches. A filter that few calls pass gives a page with fewer rows than
 * requested, and a cursor to continue.
 */
const MAX_LOOKED_AT = 10_000;
/**
 * The same limit if more is read of each call: its transcript for a search of words, or its row from another place of
 * the table in a long list by duration or cost.
 */
const MAX_READ = 4_000;
/** The calls that are read first. They are enough for a word that is in most transcripts. */
const FIRST_READ = 200;

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

/** Returns a page of an organization's calls, and the cursor of the next page. Throws CursorRefused. */
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
  const few = selection.q === undefined ? MAX_LOOKED_AT : MAX_READ;
  const way = await wayOf(db, orgId, selection, order, cursor, few);
  const max = way.searches === "calls" ? MAX_READ : few;
  const readFrom = (max: number) => {
    const looked = db.$with("calls").as(callsOf(db, orgId, selection, way, max));
    const ids = db.select({ id: looked.id }).from(looked);
    // Chosen before the joins, so that a list reads no more calls than it shows.
    const chosen = db
      .with(looked)
      .select()
      .from(looked)
      .where(
        and(
          selectedOutside(db, orgId, selection, way),
          selectedByRow(db, orgId, selection, ids),
          way.condition,
        ),
      )
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
  const first =
    selection.q !== undefined && way.searches !== "whole selection" ? await readFrom(FIRST_READ) : [];
  const found = first.length > limit ? first : await readFrom(max);
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  if (found.length > limit && last !== undefined) return { rows, nextCursor: way.cursorAt(last) };
  if (way.searches === "whole selection") return { rows, nextCursor: null };
  // There are fewer calls than requested: either these are all, or no more were searched.
  const end = await callAt(db, orgId, selection, way, max - 1);
  return { rows, nextCursor: end === undefined ? way.next : way.cursorAt(end) };
}

/** Returns the way of a list. An order by duration or cost searches all calls of the selection if they are few. */
async function wayOf(
  db: Queries,
  orgId: string,
  selection: CallSelection,
  order: CallOrder,
  cursor: string | undefined,
  few: number,
): Promise<Way> {
  if (order.sort === "start") return wayByStart(order, cursor);
  const way = wayByFigure(order, cursor);
  const beyond = await callAt(db, orgId, selection, way, few);
  return beyond === undefined ? way : wayAlongFigure(order, cursor, beyond.now);
}

/** Returns the place of one of the calls that are searched, counted from 0. */
async function callAt(db: Queries, orgId: string, selection: CallSelection, way: Way, place: number) {
  const [call] = await db
    .select({ id: calls.id, ...placeColumns(way) })
    .from(callsOf(db, orgId, selection, way, place + 1).as("calls"))
    .where(way.searches === "whole selection" ? selectedOutside(db, orgId, selection, way) : undefined)
    .orderBy(...(way.searches === "calls" ? way.orderBy : []))
    .offset(place)
    .limit(1);
  return call;
}

const placeColumns = ({ key }: Way) => ({
  start: sql<string>`${startOrFirstSeen}::text`,
  key,
  now: sql<string>`now()::text`,
});

/** Returns the calls that are searched. */
function callsOf(
  db: Queries,
  orgId: string,
  selection: CallSelection,
  { window, windowOrder, searches }: Way,
  max: number,
) {
  // The whole selection is searched from its newest call on. With both ends of the time the planner expects so few
  // calls that it reads the whole table.
  const { from: _oldest, ...others } = selection;
  const selected = {
    selection: () => selectedByIndex(db, orgId, selection),
    "whole selection": () => selectedByIndex(db, orgId, others),
    calls: () => eq(calls.orgId, orgId),
  }[searches];
  return db
    .select({ ...getTableColumns(calls), start: startOrFirstSeen.as("start") })
    .from(calls)
    .where(and(selected(), window))
    .orderBy(...windowOrder)
    .limit(max);
}

/** The conditions of the selection's indexes that the searched calls do not have yet. */
function selectedOutside(db: Queries, orgId: string, selection: CallSelection, { searches }: Way) {
  return searches === "selection" ? undefined : selectedByIndex(db, orgId, selection);
}
