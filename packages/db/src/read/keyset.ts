import { z } from "zod";

/** A cursor that is none of ours, or belongs to a list in another order. */
export class CursorRefused extends Error {
  override readonly name = "CursorRefused";
}

/** An instant as Postgres writes it: to the microsecond, which a Date does not keep. */
export const instantText = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d(?::?\d\d){0,2}$/);

/** The place in a list as a text for URLs. */
export function cursorOf(place: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
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
