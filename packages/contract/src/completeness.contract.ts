import { LACKS, MISSING_REASONS } from "@call-ledger/domain";
import { z } from "zod";
import { daySchema, idSchema, instantSchema } from "./values.contract.ts";

/** Days of the organization's calendar, both included; 30 days until today by default. */
export const completenessQuery = z.object({ from: daySchema.optional(), to: daySchema.optional() });

export const dayCompletenessSchema = z.object({
  day: daySchema,
  /** Calls that the provider has named, by the time of their creation. */
  provider_calls: z.int(),
  /** Of which the ledger has what the provider has. */
  ours: z.int(),
  /** Of ours: what the ledger lacked until it was booked from the provider's API. */
  repaired: z.partialRecord(z.enum(LACKS), z.int()),
  missing: z.partialRecord(z.enum(MISSING_REASONS), z.int()),
  /** The day is over, all of it was compared, and nothing is missing. */
  complete: z.boolean(),
});

/** How complete the ledger is, by account and day. */
export const completenessSchema = z
  .object({
    time_zone: z.string(),
    accounts: z.array(
      z.object({
        id: idSchema,
        /** `null`: the account was never compared, because it has no API key. */
        provider: z.string().nullable(),
        /** Every call that changed at the provider before was compared. */
        compared_until: instantSchema.nullable(),
        /** How many of the days are over, and how many of those are complete. */
        days_over: z.int(),
        days_complete: z.int(),
        days: z.array(dayCompletenessSchema),
      }),
    ),
  })
  .meta({ id: "Completeness" });
export type Completeness = Readonly<z.output<typeof completenessSchema>>;
