import type { SQL } from "drizzle-orm";
import { and, asc, desc, isNotNull, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { calls } from "../schema/calls.table.ts";
import { startOrFirstSeen } from "./call-filters.ts";
import { CursorRefused, cursorOf, instantText, placeOf } from "./keyset.ts";

export type CallOrder = {
  readonly sort: "start" | "duration" | "cost";
  readonly order: "desc" | "asc";
};

/** `startOrFirstSeen` of a searched call, as a column of the subquery, so that the planner knows its order. */
const START = sql`${sql.identifier("calls")}.${sql.identifier("start")}`;

/** A call's place in a list. */
type Place = {
  readonly id: string;
  readonly start: string;
  readonly key: string;
  readonly now: string;
};

/** How a page of a list is found: a limited number of calls is searched, and those that pass are put in order. */
export type Way = {
  /** The condition and the order of the calls that are searched. */
  readonly window: SQL | undefined;
  readonly windowOrder: readonly SQL[];
  /** The calls that are searched: some of the selection, the whole selection, or some of all calls. */
  readonly searches: "selection" | "whole selection" | "calls";
  readonly key: SQL<string>;
  /** The condition on the calls that were found. */
  readonly condition: SQL | undefined;
  readonly orderBy: readonly SQL[];
  cursorAt(last: Place): string;
  /** The cursor for the time when no more calls are in the window; `null`: the list ends there. */
  readonly next: string | null;
};

const startPlace = z.tuple([z.literal("start"), z.enum(["desc", "asc"]), instantText, z.uuid()]);
const figurePlace = z.tuple([
  z.enum(["duration", "cost"]),
  z.enum(["desc", "asc"]),
  z.string().regex(/^-?\d{1,12}(?:\.\d{1,6})?$/),
  z.uuid(),
  instantText,
]);

const directionOf = ({ order }: CallOrder) => (order === "desc" ? desc : asc);

function beyond({ order }: CallOrder, left: SQL, right: SQL): SQL {
  return order === "desc" ? sql`${left} < ${right}` : sql`${left} > ${right}`;
}

/** The way of a list by start. Throws CursorRefused, as the other ways do. */
export function wayByStart(by: CallOrder, cursor: string | undefined): Way {
  const { order } = by;
  const direction = directionOf(by);
  const place = cursor === undefined ? null : placeOf(startPlace, cursor);
  if (place !== null && place[1] !== order) throw new CursorRefused("the cursor is of another order");
  return {
    window:
      place === null
        ? undefined
        : beyond(
            by,
            sql`(${startOrFirstSeen}, ${calls.id})`,
            sql`(${place[2]}::timestamptz, ${place[3]}::uuid)`,
          ),
    windowOrder: [direction(startOrFirstSeen), direction(calls.id)],
    searches: "selection",
    key: sql<string>`''`,
    condition: undefined,
    orderBy: [direction(START), direction(calls.id)],
    cursorAt: (last) => cursorOf(["start", order, last.start, last.id]),
    next: null,
  };
}

/** Calls without the figure come last in either order, by their ids, as if they had this one. */
const unknownOf = ({ order }: CallOrder) => (order === "desc" ? "-1" : "999999999999");

function figureOf(by: CallOrder, cursor: string | undefined) {
  const { sort, order } = by;
  const place = cursor === undefined ? null : placeOf(figurePlace, cursor);
  if (place !== null && (place[0] !== sort || place[1] !== order)) {
    throw new CursorRefused("the cursor is of another order");
  }
  const column = sort === "duration" ? calls.durationSeconds : calls.costUsd;
  const key = sql`coalesce(${column}, ${sql.raw(unknownOf(by))})`;
  return {
    place,
    column,
    key,
    cursorAt: (last: Omit<Place, "start">) =>
      cursorOf([sort, order, last.key, last.id, place?.[4] ?? last.now]),
  };
}

/** The way of a list by duration or cost that has few calls: all are searched. */
export function wayByFigure(by: CallOrder, cursor: string | undefined): Way {
  const { place, key, cursorAt } = figureOf(by, cursor);
  const direction = directionOf(by);
  const top = place === null ? sql`now()` : sql`${place[4]}::timestamptz`;
  return {
    // New calls do not displace others from the searched ones.
    window: sql`${startOrFirstSeen} <= ${top}`,
    windowOrder: [desc(startOrFirstSeen), desc(calls.id)],
    searches: "whole selection",
    key: sql<string>`${key}::text`,
    condition:
      place === null
        ? undefined
        : beyond(by, sql`(${key}, ${calls.id})`, sql`(${place[2]}::numeric, ${place[3]}::uuid)`),
    orderBy: [direction(key), direction(calls.id)],
    cursorAt,
    next: null,
  };
}

/**
 * The way of a list by duration or cost that has many calls: along the index of the figure, then along the ids of the
 * calls without it. Its cursors are those of {@link wayByFigure}, because a list can grow between two pages.
 */
export function wayAlongFigure(by: CallOrder, cursor: string | undefined, now: string): Way {
  const { place, column, key, cursorAt } = figureOf(by, cursor);
  const direction = directionOf(by);
  const unknown = unknownOf(by);
  const common = { searches: "calls", cursorAt } as const;
  if (place?.[2] === unknown) {
    return {
      ...common,
      window: beyond(by, sql`${calls.id}`, sql`${place[3]}::uuid`),
      windowOrder: [direction(calls.id)],
      // Of every call, because the last of the searched ones can have the figure.
      key: sql<string>`${unknown}::text`,
      condition: isNull(column),
      orderBy: [direction(calls.id)],
      next: null,
    };
  }
  // A comparison with another type would not use the index.
  const type = sql.raw(by.sort === "duration" ? "bigint" : "numeric");
  const after =
    place === null
      ? undefined
      : beyond(by, sql`(${column}, ${calls.id})`, sql`(${place[2]}::${type}, ${place[3]}::uuid)`);
  const firstId =
    by.order === "desc" ? "ffffffff-ffff-ffff-ffff-ffffffffffff" : "00000000-0000-0000-0000-000000000000";
  return {
    ...common,
    window: and(isNotNull(column), after),
    windowOrder: [direction(column), direction(calls.id)],
    key: sql<string>`${key}::text`,
    condition: undefined,
    orderBy: [direction(column), direction(calls.id)],
    next: cursorAt({ key: unknown, id: firstId, now }),
  };
}
