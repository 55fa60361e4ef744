import { ALARM_CONDITIONS, CHANNEL_KINDS, NEWS_KINDS } from "@call-ledger/domain";
import { z } from "zod";
import { idSchema, instantSchema } from "./values.contract.ts";

/** What an alarm is about, in a person's words and in figures. */
const alarmContent = {
  condition: z.enum(ALARM_CONDITIONS),
  /** `installation`, or `account:`, `organization:` or `channel:` and an id. */
  scope: z.string(),
  /** One sentence; no phone number, no word of a call. */
  summary: z.string(),
  figures: z.record(z.string(), z.number()),
  /** The page that says what to do, in this repository. */
  runbook: z.string(),
  opened_at: instantSchema,
};

/** An alarm that is open, or that closed lately. */
export const alarmSchema = z
  .object({
    id: idSchema,
    /** `null`: it is the operator's alone. */
    organization_id: idSchema.nullable(),
    ...alarmContent,
    last_seen_at: instantSchema,
    notified_at: instantSchema.nullable(),
    closed_at: instantSchema.nullable(),
    acknowledged_by: z.string().nullable(),
    acknowledged_at: instantSchema.nullable(),
    muted_until: instantSchema.nullable(),
  })
  .meta({ id: "Alarm" });

/** Nobody is told of the alarm until then; `null`: from now on again. */
export const muteRequestSchema = z.strictObject({ until: instantSchema.nullable() });

/** Where alarms are told. Its addresses and secrets are never shown. */
export const alertChannelSchema = z
  .object({
    id: idSchema,
    /** `null`: the operator's, told of every alarm. */
    organization_id: idSchema.nullable(),
    kind: z.enum(CHANNEL_KINDS),
    name: z.string().nullable(),
    host: z.string().nullable(),
    created_at: instantSchema,
    last_sent_at: instantSchema.nullable(),
    /** Since when it has taken no message although there were some. */
    failing_since: instantSchema.nullable(),
    last_error: z.string().nullable(),
  })
  .meta({ id: "AlertChannel" });

/**
 * The body of a message to a generic webhook, signed as Standard Webhooks says. `test`: there is no alarm in it. The same
 * message can come twice; its header `webhook-id` is then the same.
 */
export const alertNoticeSchema = z
  .object({
    type: z.enum(["alarms", "test"]),
    timestamp: instantSchema,
    data: z.object({
      alarms: z.array(
        z.object({ id: idSchema, change: z.enum(NEWS_KINDS), at: instantSchema, ...alarmContent }),
      ),
    }),
  })
  .meta({ id: "AlertNotice" });

const MAIL_ADDRESS = z.email().max(254);
const WEB_ADDRESS = z.url({ protocol: /^https$/ }).max(2_000);

/** What is kept of a channel, encrypted: where its messages go, and with which secret. */
export const channelSettingsSchema = z.discriminatedUnion("kind", [
  /** Of Slack, or of another service that takes the same body. */
  z.strictObject({ kind: z.literal("slack"), url: WEB_ADDRESS }),
  z.strictObject({
    kind: z.literal("email"),
    /** `smtps://user:password@host` (port 465) or `smtp://user:password@host` (port 587, with STARTTLS). */
    smtp: z.url({ protocol: /^smtps?$/ }).max(2_000),
    from: MAIL_ADDRESS,
    to: z.array(MAIL_ADDRESS).min(1).max(20),
  }),
  z.strictObject({
    kind: z.literal("webhook"),
    url: WEB_ADDRESS,
    /** As Standard Webhooks writes it: `whsec_` and 24 to 64 bytes in base64. */
    secret: z.string().regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/),
  }),
]);

export type AlarmAnswer = z.output<typeof alarmSchema>;
export type AlertChannelAnswer = z.output<typeof alertChannelSchema>;
export type AlertNotice = z.output<typeof alertNoticeSchema>;
export type ChannelSettings = z.output<typeof channelSettingsSchema>;
