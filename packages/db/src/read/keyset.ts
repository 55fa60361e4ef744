import { z } from "zod";

/** The cursor was not made by us, or belongs to a list in another order. */
export class CursorRefused extends Error {
  override readonly name = "CursorRefused";
}

/** An instant as Postgres writes it, with microseconds, which a Date does not have. */
export const instantText = z
  .string()
  .regex(/^(?!0000)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?[+-](?:0\d|1[0-5])(?::?[0-5]\d){0,2}$/)
  .refine(isOfCalendar);

/** Returns false for a date such as 30 February, which a forged cursor may contain and Postgres refuses. */
function isOfCalendar(text: string): boolean {
  const written = `${text.slice(0, 10)}T${text.slice(11, 19)}`;
  const time = Date.parse(`${written}Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(written);
}

/** Returns the place in a list as a text for URLs. */
export function cursorOf(place: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/**
 * Returns a page from one row more than `limit`: its rows, and the cursor after the last of them; `null` if there are
 * no more rows.
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

/** Reads the place from a cursor. Throws CursorRefused. */
export function placeOf<Place>(schema: z.ZodType<Place>, cursor: string): Place {
  const parsed = schema.safeParse(jsonIn(Buffer.from(cursor, "base64url").toString("utf8")));
  if (!parsed.success) throw new CursorRefused("the cursor does not belong to this list");
  return parsed.data;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
