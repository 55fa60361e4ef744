import { QUARANTINE_REASONS } from "@call-ledger/domain";
import { z } from "zod";
import { documentSchema, idSchema, instantSchema, listOf, pageOf, pageQuery } from "./values.contract.ts";

export const quarantinedSchema = z
  .object({
    id: idSchema,
    provider: z.string(),
    account_id: idSchema,
    reason: z.enum(QUARANTINE_REASONS),
    reason_text: z.string().describe("Why the delivery waits and what to do, as a sentence."),
    event_type: z.string(),
    provider_call_id: z.string().nullable(),
    provider_agent_id: z.string().nullable(),
    provider_phone_number_id: z.string().nullable(),
    our_number: z.string().nullable(),
    received_at: instantSchema,
    booked_at: instantSchema.nullable(),
  })
  .meta({ id: "QuarantinedDelivery" });

const quarantineFilters = {
  reason: listOf(z.enum(QUARANTINE_REASONS), QUARANTINE_REASONS).optional(),
  account: z.uuid().optional().describe("The provider account that received the deliveries."),
  provider_agent_id: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("The provider's id of the agent in the deliveries; `none`: they name no agent."),
  our_number: z.string().min(1).max(200).optional().describe("Our number in them; `none`: they name none."),
};

/** Deliveries that wait in quarantine, newest first. */
export const quarantineListQuery = z.object({
  ...quarantineFilters,
  event: z.string().min(1).max(300).optional().describe("The first event of the delivery."),
  ...pageQuery,
});
export const quarantinePageSchema = pageOf(quarantinedSchema);
export const quarantinedDetailSchema = quarantinedSchema.extend({ payload: documentSchema });

export const waitingDeliveryListQuery = z.object({ ...quarantineFilters, ...pageQuery });

/** What an organization sees of its deliveries in quarantine. */
export const waitingDeliveryPageSchema = pageOf(
  quarantinedSchema
    .pick({ id: true, reason: true, event_type: true, provider_call_id: true, received_at: true })
    .meta({ id: "WaitingDelivery" }),
);

/** The number of deliveries in quarantine by reason and agent. One registration of an agent books its whole group. */
export const quarantineGroupsSchema = z.object({
  data: z.array(
    z.object({
      account_id: idSchema,
      provider: z.string(),
      reason: z.enum(QUARANTINE_REASONS),
      provider_agent_id: z.string().nullable(),
      our_number: z.string().nullable(),
      deliveries: z.int(),
      oldest_at: instantSchema,
      newest_at: instantSchema,
    }),
  ),
});

/** Registers the delivery's agent for an organization. The deliveries that wait for the agent are booked. */
export const registerAgentSchema = z.strictObject({
  organization_id: idSchema,
  name: z.string().trim().min(1).max(100).nullable().default(null),
});

/**
 * Reads quarantined deliveries again, `limit` in one request. `organization_conflict` has to be named as the reason.
 */
export const quarantineReplaySchema = z.strictObject({
  reason: z.enum(QUARANTINE_REASONS).optional(),
  account_id: idSchema.optional(),
  provider_agent_id: z.string().min(1).max(200).optional(),
  our_number: z.string().min(1).max(200).optional(),
  ids: z.array(idSchema).min(1).max(500).optional().describe("Only these deliveries, with any reason."),
  limit: z.int().min(1).max(500).default(100),
});

/** `booked` and `waiting` count the deliveries of this request. `left`: all that match the filter and still wait. */
export const replayProgressSchema = z.object({ booked: z.int(), waiting: z.int(), left: z.int() });

export type QuarantinedDelivery = z.output<typeof quarantinedSchema>;
