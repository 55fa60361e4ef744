import { CHANNEL_KINDS } from "@call-ledger/domain";
import { z } from "zod";

export const channelSchema = z.object({
  id: z.string(),
  /** `null`: a channel of the operator, which receives every alarm. */
  orgId: z.string().nullable(),
  kind: z.enum(CHANNEL_KINDS),
  name: z.string().nullable(),
  /** The server that receives the messages; `null` for the log. */
  host: z.string().nullable(),
  createdAt: z.date(),
  /** The time of the last message that the channel accepted. */
  lastSentAt: z.date().nullable(),
  /** The time since which every message has failed; `null`: messages are accepted. */
  failingSince: z.date().nullable(),
  /** The reason of the failure, in our words. */
  lastError: z.string().nullable(),
});

/** An alert channel and its state, without its addresses and secrets. */
export type AlertChannel = Readonly<z.output<typeof channelSchema>>;
