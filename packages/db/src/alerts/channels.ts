import { CHANNEL_KINDS } from "@call-ledger/domain";
import { z } from "zod";
import { parsedRow, runFunction, sqlFunction } from "../client/run-function.ts";
import type { Asking } from "./alarms.ts";

export const channelSchema = z.object({
  id: z.string(),
  /** `null`: the operator's, told of every alarm. */
  orgId: z.string().nullable(),
  kind: z.enum(CHANNEL_KINDS),
  name: z.string().nullable(),
  /** The server that takes its messages; `null` for the log. */
  host: z.string().nullable(),
  createdAt: z.date(),
  /** The last message that it took. */
  lastSentAt: z.date().nullable(),
  /** Since when it has taken none although there were some; `null`: it takes them. */
  failingSince: z.date().nullable(),
  /** Why, in our words. */
  lastError: z.string().nullable(),
});

/** An alert channel and how it does; its addresses and secrets are not among this. */
export type AlertChannel = Readonly<z.output<typeof channelSchema>>;

/** The operator's first. Those whose rows the connection sees. Throws DbError. */
export async function listAlertChannels(sql: Asking): Promise<AlertChannel[]> {
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
 * Queues a test message for one channel, or for all; with `orgId` of that organization alone. Returns the ids of the
 * messages; none: there is no such channel. Throws DbError.
 */
export function queueTestAlert(
  sql: Asking,
  { channelId, orgId }: { readonly channelId: string | null; readonly orgId: string | null },
): Promise<string[]> {
  return runFunction(sql, QUEUE_TEST, { wantedChannel: channelId, ofOrg: orgId });
}
