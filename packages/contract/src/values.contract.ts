import type { Json } from "@call-ledger/domain";
import { z } from "zod";

/** RFC 3339 in UTC. */
export const instantSchema = z.iso.datetime().meta({ example: "2026-03-04T09:15:02.120Z" });

/** A day of the organization's calendar. Its year is bounded, so that a handler can add and subtract days. */
export const daySchema = z.iso
  .date()
  .refine((day) => day >= "1900-01-01" && day < "2200-01-01", "is not between 1900 and 2199")
  .meta({ example: "2026-03-04" });

/** Dollars as a decimal string, so that a program does not round them when it parses the JSON. */
export const dollarsSchema = z
  .string()
  .regex(/^\d+(?:\.\d{1,6})?$/)
  .meta({ example: "0.1284" });

export const idSchema = z.uuid();

/** JSON in the provider's own words. */
export const documentSchema: z.ZodType<Json, Json> = z.json().meta({ id: "Json" });

/**
 * Returns the schema of up to `max` values, separated by commas. `values` is the list of all allowed values, or a
 * phrase that describes them.
 */
export const listOf = <Value extends z.ZodType<string, string>>(
  value: Value,
  values: readonly string[] | string,
  max = 20,
) =>
  z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(value).min(1).max(max))
    .describe(
      typeof values === "string"
        ? `Up to ${max} ${values}, separated by commas.`
        : `Up to ${max} of ${values.map((one) => `\`${one}\``).join(", ")}, separated by commas.`,
    );

/** The filter of calls by their agents. */
export const agentFilter = listOf(
  z.union([z.uuid(), z.literal("none")], { error: "is neither the id of an agent nor `none`" }),
  "agents' ids, or `none` for the calls without an agent",
).optional();

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(50).describe("The max number of rows of the page."),
  cursor: z.string().min(1).max(500).optional().describe("The `next_cursor` of the previous page."),
};

/** Returns the schema of a page of a list. `next_cursor` is `null` on the last page. */
export const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.object({ data: z.array(row), next_cursor: z.string().nullable() });

/** All codes of problems. Programs branch on the code; people read `detail`. */
export const PROBLEM_CODES = [
  "bad_request",
  "unauthorized",
  "forbidden",
  "missing_scope",
  "cross_site_request",
  "not_found",
  "method_not_allowed",
  "not_acceptable",
  "conflict",
  "idempotency_conflict",
  "gone",
  "link_used",
  "link_expired",
  "too_slow",
  "too_large",
  "unsupported_media_type",
  "too_many_requests",
  "recording_pending",
  "recording_failed",
  "recording_expired",
  "no_recording",
  "no_peaks",
  "stored_elsewhere",
  "unexpected",
  "unavailable",
] as const;

/** The fault of one field of a request. `field` is a path such as `query.limit` or `body.tags.0`. */
export const fieldFaultSchema = z.object({ field: z.string(), detail: z.string() });

/** The body of every error: `application/problem+json` of RFC 9457. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(PROBLEM_CODES),
    detail: z.string().optional().describe("What is wrong, and what to do."),
    request_id: z
      .string()
      .optional()
      .describe("The id of the request, which the log of the service has too."),
    errors: z.array(fieldFaultSchema).optional(),
  })
  .loose();

export type Problem = z.output<typeof problemSchema>;
export type ProblemCode = (typeof PROBLEM_CODES)[number];
