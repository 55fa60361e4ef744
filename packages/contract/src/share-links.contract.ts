import { z } from "zod";
import { callSchema, peaksSchema, recordingLinkSchema, utteranceSchema } from "./calls.contract.ts";
import { idSchema, instantSchema } from "./values.contract.ts";

export const shareLinkSchema = z
  .object({
    id: idSchema,
    call_id: idSchema,
    created_at: instantSchema,
    created_by: z.string().nullable(),
    expires_at: instantSchema,
    revoked_at: instantSchema.nullable(),
  })
  .meta({ id: "ShareLink" });

/** A new link. `url` is shown only once. */
export const newShareLinkSchema = shareLinkSchema.extend({ url: z.string() });

export const shareLinkRequestSchema = z.strictObject({
  expires_in_hours: z.int().min(1).max(720).default(72),
});

/**
 * A call as a shared link shows it: its words and its recording. Costs, prompts, tool calls, latency and facts about
 * the organization's people are left out. A tool's arguments and results come from the organization's own systems.
 */
export const sharedCallSchema = callSchema
  .pick({
    direction: true,
    outcome: true,
    started_at: true,
    ended_at: true,
    duration_seconds: true,
    time_zone: true,
    customer_number: true,
    customer_name: true,
    summary: true,
  })
  .extend({
    conversation: z.array(utteranceSchema.omit({ latency_ms: true })).describe("What was said, in order."),
    agent_name: z.string().nullable(),
    organization_name: z.string(),
    expires_at: instantSchema,
    recording: recordingLinkSchema.nullable(),
    peaks: peaksSchema.nullable(),
  })
  .meta({ id: "SharedCall" });

export type ShareLink = z.output<typeof shareLinkSchema>;
export type SharedCall = z.output<typeof sharedCallSchema>;
