import { LACKS, MISSING_REASONS } from "@call-ledger/domain";
import { z } from "zod";
import { daySchema, idSchema, instantSchema } from "./values.contract.ts";

/** Days of the organization's calendar, both included; 30 days until today by default. */
export const completenessQuery = z.object({
  from: daySchema.optional().describe("The first day, of the organization's calendar."),
  to: daySchema.optional().describe("The last day, of the organization's calendar."),
});

export const dayCompletenessSchema = z.object({
  day: daySchema,
  provider_calls: z.int().describe("Calls that the provider has named, by the time of their creation."),
  ours: z.int().describe("Of which the ledger has what the provider has."),
  repaired: z
    .partialRecord(z.enum(LACKS), z.int())
    .describe("Of ours: what the ledger lacked until it was booked from the provider's API."),
  missing: z.partialRecord(z.enum(MISSING_REASONS), z.int()),
  complete: z.boolean().describe("The day is over, all of it was compared, and nothing is missing."),
});

/** How complete the ledger is, by account and day. */
export const completenessSchema = z
  .object({
    time_zone: z.string(),
    accounts: z.array(
      z.object({
        id: idSchema,
        provider: z
          .string()
          .nullable()
          .describe("`null`: the account was never compared, because it has no API key."),
        compared_until: instantSchema
          .nullable()
          .describe("Every call that changed at the provider before was compared."),
        days_over: z.int().describe("How many of the days are over, and how many of those are complete."),
        days_complete: z.int(),
        days: z.array(dayCompletenessSchema),
      }),
    ),
  })
  .meta({ id: "Completeness" });
export type Completeness = Readonly<z.output<typeof completenessSchema>>;
