import { LACKED_PARTS, MISSING_REASONS } from "@call-ledger/domain";
import { z } from "zod";
import { daySchema, idSchema, instantSchema, pageOf, pageQuery } from "./values.contract.ts";

/** The max number of days in one answer. The ledger knows the completeness of the last 100 days. */
export const MAX_COMPLETENESS_DAYS = 92;

/** The first and the last day, both included, of the organization's calendar. Default: the 30 days until today. */
export const completenessQuery = z.object({
  from: daySchema.optional().describe("The first day, in the organization's calendar."),
  to: daySchema.optional().describe("The last day, in the organization's calendar."),
});

export const dayCompletenessSchema = z.object({
  day: daySchema,
  provider_calls: z.int().describe("Calls in the provider's list that were created on this day."),
  ours: z
    .int()
    .describe("Those of `provider_calls` that the ledger has, with their reports if they have ended."),
  difference: z.int().describe("`provider_calls` without `ours`."),
  repaired: z
    .partialRecord(z.enum(LACKED_PARTS), z.int())
    .describe(
      "Those of `ours` that were booked from the provider's API, by the part that the ledger lacked.",
    ),
  missing: z
    .partialRecord(z.enum(MISSING_REASONS).exclude(["gone"]), z.int())
    .describe("Those of `provider_calls` that are not `ours`, by the reason."),
  gone: z
    .int()
    .describe(
      "Calls of the ledger that have no report and that the provider no longer has. `provider_calls` leaves them out.",
    ),
  unlisted: z
    .int()
    .describe("Calls of the ledger that the provider's list did not have when the day was compared."),
  compared: z.boolean().describe("Whether the day was compared as a whole."),
  behind: z
    .boolean()
    .describe(
      "Whether the day is over and was not compared as a whole, although the comparison began before it.",
    ),
  complete: z
    .boolean()
    .describe(
      "Whether the day is over and was compared as a whole, and each side has the calls of the other.",
    ),
});

/** The completeness of the ledger, by account and day. */
export const completenessSchema = z
  .object({
    time_zone: z.string(),
    accounts: z.array(
      z.object({
        id: idSchema,
        provider: z
          .string()
          .nullable()
          .describe(
            "`null`: the account was never compared: it has no API key, or its first comparison has not ended.",
          ),
        compared_until: instantSchema
          .nullable()
          .describe("Every call that changed at the provider before this time was compared."),
        days_over: z.int().describe("The number of days that are over."),
        days_complete: z.int().describe("The number of days that are over and complete."),
        days: z.array(dayCompletenessSchema),
      }),
    ),
  })
  .meta({ id: "Completeness" });
export type Completeness = Readonly<z.output<typeof completenessSchema>>;

export const COMPLETENESS_PARTS = ["listed", "ours", "missing", "repaired", "gone", "unlisted"] as const;

/** Selects the calls behind one number of a day. */
export const comparedCallsQuery = z.object({
  account: idSchema.describe("The account at the provider."),
  day: daySchema.describe("A day of the organization's calendar."),
  part: z
    .enum(COMPLETENESS_PARTS)
    .describe(
      "The number whose calls are listed. `listed`: `provider_calls`; `missing`: `difference`; the others are named like their numbers.",
    ),
  reason: z
    .enum([...LACKED_PARTS, ...MISSING_REASONS])
    .optional()
    .describe("One key of `missing` or `repaired`."),
  ...pageQuery,
});

/** Calls that were compared with the provider's list, oldest first. */
export const comparedCallPageSchema = pageOf(
  z
    .object({
      provider_call_id: z.string(),
      call_id: idSchema.nullable().describe("The call in the ledger; `null`: the ledger does not have it."),
      created_at: instantSchema.describe(
        "The provider's time, or the ledger's if only the ledger has the call.",
      ),
      lacked: z
        .enum(LACKED_PARTS)
        .nullable()
        .describe("The largest part that the ledger ever lacked of the call."),
      missing: z
        .enum(MISSING_REASONS)
        .nullable()
        .describe("Why the ledger lacks the call or its report; `null`: it lacks nothing."),
      listed: z.boolean().describe("Whether the provider's list had the call."),
    })
    .meta({ id: "ComparedCall" }),
);
export type ComparedCall = z.output<typeof comparedCallPageSchema>["data"][number];
