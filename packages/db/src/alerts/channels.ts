import { CHANNEL_KINDS } from "@call-ledger/domain";
import { z } from "zod";
import { parsedRow, runFunction, sqlFunction } from "../client/run-function.ts";
import type { Queryable } from "./alarms.ts";

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

/** Returns the channels that the connection sees, the operator's first. Throws DbError. */
export async function listAlertChannels(sql: Queryable): Promise<AlertChannel[]> {
  const rows = await sql.unsafe(
    `select id, org_id, kind, name, host, created_at, last_sent_at, failing_since, last_error
     from public.alert_channels order by org_id nulls first, created_at, id`,
    [],
  );
  return rows.map((row) => parsedRow(channelSchema, row));
}

const QUEUE_TEST = sqlFunction(
  "call_ledger.queue_test_alert",
  { wantedChannel: "uuid", ofOrg: "uuid" },
  z.string(),
);

/**
 * Queues a test message for one channel, or for all; with `orgId` for that organization's only. Returns the ids of the
 * messages; none if there is no such channel. Throws DbError.
 */
export function queueTestAlert(
  sql: Queryable,
  { channelId, orgId }: { readonly channelId: string | null; readonly orgId: string | null },
): Promise<string[]> {
  return runFunction(sql, QUEUE_TEST, { wantedChannel: channelId, ofOrg: orgId });
}
