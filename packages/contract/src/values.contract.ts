import type { Json } from "@call-ledger/domain";
import { z } from "zod";

/** RFC 3339 in UTC. */
export const instantSchema = z.iso.datetime().meta({ example: "2026-03-04T09:15:02.120Z" });

/** A day of the organization's calendar, of a time in which days can be counted back and forth. */
export const daySchema = z.iso
  .date()
  .refine((day) => day >= "1900-01-01" && day < "2200-01-01", "is not between 1900 and 2199")
  .meta({ example: "2026-03-04" });

/** Dollars as a decimal string, so that no program rounds them by reading them. */
export const dollarsSchema = z
  .string()
  .regex(/^\d+(?:\.\d{1,6})?$/)
  .meta({ example: "0.1284" });

export const idSchema = z.uuid();

/** JSON in the provider's own words. */
export const documentSchema: z.ZodType<Json, Json> = z.json().meta({ id: "Json" });

/** Up to `max` values, separated by commas. `values` are all there are, or words for what they are. */
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

export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(50)
    .describe("How many rows the page has, at the most."),
  cursor: z.string().min(1).max(500).optional().describe("The `next_cursor` of the page before."),
};

/** A page of a list; `next_cursor` is `null` on the last one. */
export const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.object({ data: z.array(row), next_cursor: z.string().nullable() });

/** Every code that a problem may have; programs branch on it, people read `detail`. */
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

/** What is wrong with one field of a request. `field` is a path such as `query.limit` or `body.tags.0`. */
export const fieldFaultSchema = z.object({ field: z.string(), detail: z.string() });

/** Every error, as RFC 9457 `application/problem+json`. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(PROBLEM_CODES),
    detail: z.string().optional().describe("What is wrong, and what to do."),
    request_id: z.string().optional().describe("Of the request; the log of the service has it too."),
    errors: z.array(fieldFaultSchema).optional(),
  })
  .loose();

export type Problem = z.output<typeof problemSchema>;
export type ProblemCode = (typeof PROBLEM_CODES)[number];
