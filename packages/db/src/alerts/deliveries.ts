import { ALARM_CONDITIONS, CHANNEL_KINDS, NEWS_KINDS } from "@call-ledger/domain";
import { z } from "zod";
import { momentSchema, runForOne, runFunction, sqlFunction } from "../client/run-function.ts";
import type { Queryable } from "./alarms.ts";

const newsSchema = z
  .object({
    kind: z.enum(NEWS_KINDS),
    alarm_id: z.string(),
    condition: z.enum(ALARM_CONDITIONS),
    scope: z.string(),
    figures: z.record(z.string(), z.number()),
    at: momentSchema,
    opened_at: momentSchema,
  })
  .transform(({ alarm_id, opened_at, ...news }) => ({ alarmId: alarm_id, openedAt: opened_at, ...news }));

/** The part of a message about one alarm. Times are milliseconds since 1970. */
export type AlarmNews = Readonly<z.output<typeof newsSchema>>;

const claimedSchema = z.object({
  id: z.string(),
  leaseToken: z.string(),
  /** The number of attempts, including this one. */
  attempts: z.number(),
  /** Seconds since the message was queued. */
  lastsSeconds: z.number(),
  createdAt: momentSchema,
  /** Empty: the message is a test. */
  news: z.array(newsSchema),
  channelId: z.string(),
  /** `null`: a channel of the operator. */
  orgId: z.string().nullable(),
  kind: z.enum(CHANNEL_KINDS),
  /** The encrypted settings; `null` for the log. */
  settings: z
    .string()
    .transform((text): Uint8Array => Buffer.from(text, "base64"))
    .nullable(),
});

/** A message that this process holds until its lease ends. */
export type ClaimedAlert = Readonly<z.output<typeof claimedSchema>>;

/**
 * The result of an attempt. `reason` is in our words. A retry without a reason was interrupted. A sent message with a
 * reason did not reach every receiver.
 */
export type AlertVerdict =
  | { readonly verdict: "sent"; readonly reason: string | null }
  | { readonly verdict: "failed"; readonly reason: string }
  | { readonly verdict: "pending"; readonly reason: string | null; readonly retrySeconds: number };

const CLAIM = sqlFunction(
  "call_ledger.claim_alert_deliveries",
  { most: "integer", leaseSeconds: "integer" },
  claimedSchema,
);
const HELD = { deliveryId: "uuid", token: "uuid" } as const;
const EXTEND = sqlFunction(
  "call_ledger.extend_alert_delivery",
  { ...HELD, leaseSeconds: "integer" },
  z.boolean(),
);
const SETTLE = sqlFunction(
  "call_ledger.settle_alert_delivery",
  { ...HELD, verdict: "text", reason: "text", retrySeconds: "integer" },
  z.boolean(),
);

/** Claims due messages, at most `max`: the oldest of each channel. Throws DbError. */
export function claimAlerts(
  sql: Queryable,
  { max, leaseSeconds }: { readonly max: number; readonly leaseSeconds: number },
): Promise<ClaimedAlert[]> {
  return runFunction(sql, CLAIM, { most: max, leaseSeconds });
}

type HeldAlert = Pick<ClaimedAlert, "id" | "leaseToken">;

/** Extends the lease by `leaseSeconds`. Returns whether the message is still held. Throws DbError. */
export function extendAlert(sql: Queryable, alert: HeldAlert, leaseSeconds: number): Promise<boolean> {
  return runForOne(sql, EXTEND, { ...held(alert), leaseSeconds });
}

/** Books the result of an attempt. Returns `false` if the message was no longer held. Throws DbError. */
export function settleAlert(sql: Queryable, alert: HeldAlert, ended: AlertVerdict): Promise<boolean> {
  const { verdict, reason } = ended;
  const retrySeconds = ended.verdict === "pending" ? ended.retrySeconds : null;
  return runForOne(sql, SETTLE, { ...held(alert), verdict, reason, retrySeconds });
}

function held({ id, leaseToken }: HeldAlert) {
  return { deliveryId: id, token: leaseToken };
}
