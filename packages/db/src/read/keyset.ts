import { z } from "zod";

/** A cursor that is none of ours, or belongs to a list in another order. */
export class CursorRefused extends Error {
  override readonly name = "CursorRefused";
}

/** An instant as Postgres writes it: to the microsecond, which a Date does not keep. */
export const instantText = z
  .string()
  .regex(/^(?!0000)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?[+-](?:0\d|1[0-5])(?::?[0-5]\d){0,2}$/)
  .refine(isOfCalendar);

/** A 30th of February, which a forged cursor may name, is none for Postgres. */
function isOfCalendar(text: string): boolean {
  const written = `${text.slice(0, 10)}T${text.slice(11, 19)}`;
  const time = Date.parse(`${written}Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(written);
}

/** The place in a list as a text for URLs. */
export function cursorOf(place: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/**
 * A page of a list of which one row more than `limit` was asked for: its rows, and the cursor behind the last of them;
 * `null`: there are no more.
 */
export function pageIn<Row>(
  found: readonly Row[],
  limit: number,
  placeIn: (last: Row) => Parameters<typeof cursorOf>[0],
): { readonly rows: Row[]; readonly nextCursor: string | null } {
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  return { rows, nextCursor: last === undefined ? null : cursorOf(placeIn(last)) };
}

/** The place that a cursor names. Throws CursorRefused. */
export function placeOf<Place>(schema: z.ZodType<Place>, cursor: string): Place {
  const parsed = schema.safeParse(jsonIn(Buffer.from(cursor, "base64url").toString("utf8")));
  if (!parsed.success) throw new CursorRefused("the cursor is none of this list's");
  return parsed.data;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
