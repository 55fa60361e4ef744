import { z } from "zod";
import { idSchema, instantSchema } from "./values.contract.ts";

export const eventReplaySchema = z.strictObject({
  from: instantSchema,
  to: instantSchema,
  provider: z.string().min(1).max(50).optional(),
  agent_id: idSchema.optional(),
  limit: z.int().min(1).max(500).default(100),
  cursor: z.string().max(500).optional(),
});

export const eventReplayProgressSchema = z.object({
  replayed: z.int().describe("Deliveries that were read again: the sum of the five counts after it."),
  applied: z.int().describe("They changed a call."),
  observed: z.int().describe("They say nothing that a call keeps."),
  duplicates: z.int().describe("Their events were booked before."),
  quarantined: z.int().describe("They wait in quarantine, for example because nobody has their agent."),
  unreadable: z.int().describe("The current adapter cannot read them."),
  without_payload: z.int().describe("Events without a stored delivery, which are not read."),
  next_cursor: z.string().nullable(),
});
