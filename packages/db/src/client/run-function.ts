import { z } from "zod";
import { DbError } from "./pg-error.ts";
import type { Sql } from "./pool.ts";

/**
 * The TypeScript type for values of each SQL type. A `timestamptz` is milliseconds since 1970, or text for
 * microseconds.
 */
type SqlTypes = {
  boolean: boolean;
  integer: number;
  bigint: number;
  text: string;
  uuid: string;
  timestamptz: number | string;
  jsonb: object;
  bytea: Uint8Array;
  "text[]": readonly string[];
  "uuid[]": readonly string[];
  "integer[]": readonly number[];
};

/** A time in a function's result: milliseconds since 1970. */
export const momentSchema = z.string().transform((text) => Date.parse(text));

type ArgumentTypes = Readonly<Record<string, keyof SqlTypes>>;
type ArgumentValues<Types extends ArgumentTypes> = {
  readonly [Name in keyof Types]: SqlTypes[Types[Name]] | null;
};

/** The description of an SQL function for `runFunction`. Names that are snake_case in SQL are camelCase here. */
type SqlFunction<Types extends ArgumentTypes, Row> = {
  /** The name in SQL, with its schema. */
  readonly name: string;
  readonly arguments: Types;
  /**
   * The schema of a row as `to_jsonb` writes it. For a function that returns a single column: of that column's value.
   */
  readonly row: z.ZodType<Row>;
};

export function sqlFunction<const Types extends ArgumentTypes, Row>(
  name: string,
  types: Types,
  row: z.ZodType<Row>,
): SqlFunction<Types, Row> {
  return { name, arguments: types, row };
}

/**
 * Runs an SQL function and returns its rows. Throws the driver's errors, and DbError (`bug`, RESULT_SHAPE) for a row of
 * another form.
 */
export async function runFunction<Types extends ArgumentTypes, Row>(
  sql: Pick<Sql, "unsafe">,
  { name, arguments: types, row }: SqlFunction<Types, Row>,
  values: ArgumentValues<Types>,
): Promise<Row[]> {
  const named = Object.entries(types).map(
    ([argument, type], place) => `${snakeCase(argument)} => $${place + 1}::text::${type}`,
  );
  const rows = await sql.unsafe(
    `select to_jsonb(f)::text as row from ${name}(${named.join(", ")}) f`,
    Object.entries(types).map(([argument, type]) => textOf(values[argument], type)),
  );
  return rows.map((found) => parsedRow(row, found.row === null ? null : JSON.parse(found.row)));
}

/** Runs an SQL function that returns exactly one row. Throws like `runFunction`. */
export async function runForOne<Types extends ArgumentTypes, Row>(
  sql: Pick<Sql, "unsafe">,
  fn: SqlFunction<Types, Row>,
  values: ArgumentValues<Types>,
): Promise<Row> {
  const [row, ...others] = await runFunction(sql, fn, values);
  if (row === undefined || others.length > 0) throw new DbError("bug", "RESULT_SHAPE", null);
  return row;
}

/**
 * Parses a row with a schema and returns its columns in camelCase. Throws DbError (`bug`, RESULT_SHAPE) for a row of
 * another form.
 */
export function parsedRow<Row>(schema: z.ZodType<Row>, row: unknown): Row {
  const parsed = schema.safeParse(isRecord(row) ? withCamelCase(row) : row);
  if (!parsed.success) throw new DbError("bug", "RESULT_SHAPE", null);
  return parsed.data;
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Renames the columns only. The fields of a JSON document in a column keep their names. */
function withCamelCase(row: object): object {
  const entries = Object.entries(row);
  return Object.fromEntries(
    entries.map(([name, value]) => [name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()), value]),
  );
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Returns a value as the text from which Postgres reads it. Without array types, the driver cannot do that. */
function textOf(value: SqlTypes[keyof SqlTypes] | null | undefined, type: keyof SqlTypes): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString("hex")}`;
  if (type === "jsonb") return JSON.stringify(value);
  if (type === "timestamptz" && typeof value === "number") return new Date(value).toISOString();
  if (!Array.isArray(value)) return String(value);
  return `{${value.map((item) => `"${String(item).replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}
