import { ALARM_CONDITIONS, CHANNEL_KINDS, NEWS_KINDS } from "@call-ledger/domain";
import { z } from "zod";
import { idSchema, instantSchema, pageOf, pageQuery } from "./values.contract.ts";

/** What an alarm is about, in a person's words and in figures. */
const alarmContent = {
  condition: z.enum(ALARM_CONDITIONS),
  scope: z.string().describe("`installation`, or `account:`, `organization:` or `channel:` and an id."),
  summary: z.string().describe("One sentence; no phone number, no word of a call."),
  figures: z.record(z.string(), z.number()),
  runbook: z.string().describe("The page that says what to do, in this repository."),
  opened_at: instantSchema,
};

/** An alarm that is open, or that closed lately. */
export const alarmSchema = z
  .object({
    id: idSchema,
    organization_id: idSchema.nullable().describe("`null`: it is the operator's alone."),
    ...alarmContent,
    scope_name: z
      .string()
      .nullable()
      .describe("Of the account, the organization or the channel that it is about."),
    last_seen_at: instantSchema,
    notified_at: instantSchema.nullable(),
    closed_at: instantSchema.nullable(),
    acknowledged_by: z.string().nullable(),
    acknowledged_at: instantSchema.nullable(),
    muted_until: instantSchema.nullable(),
  })
  .meta({ id: "Alarm" });

/** The newest first; `closed` are those of the last 90 days. */
export const alarmListQuery = z.object({
  state: z.enum(["open", "closed"]).optional().describe("All by default."),
  ...pageQuery,
});

export const alarmPageSchema = pageOf(alarmSchema);

const MAX_MUTED_HOURS = 720;

/** Nobody is told of the alarm until then, or for so long; at most for 30 days. */
export const muteRequestSchema = z
  .strictObject({
    until: instantSchema.optional(),
    for_hours: z.int().min(1).max(MAX_MUTED_HOURS).optional(),
  })
  .refine(({ until, for_hours: hours }) => (until === undefined) !== (hours === undefined), {
    message: "give either until or for_hours",
  });

/** Where alarms are told. Its addresses and secrets are never shown. */
export const alertChannelSchema = z
  .object({
    id: idSchema,
    organization_id: idSchema.nullable().describe("`null`: the operator's, told of every alarm."),
    kind: z.enum(CHANNEL_KINDS),
    name: z.string().nullable(),
    host: z.string().nullable(),
    created_at: instantSchema,
    last_sent_at: instantSchema.nullable(),
    failing_since: instantSchema
      .nullable()
      .describe("Since when it has taken no message although there were some."),
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
const WEB_ADDRESS = z
  .url({ protocol: /^https$/, error: "Give the whole address; it begins with https://." })
  .max(2_000);
/** As Standard Webhooks writes it: `whsec_` and 24 to 64 bytes in base64. */
const SIGNING_SECRET = z.string().regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/);

/** Of Slack, or of another service that takes the same body. */
const slackSettings = z.strictObject({ kind: z.literal("slack"), url: WEB_ADDRESS });

const emailSettings = z.strictObject({
  kind: z.literal("email"),
  smtp: z
    .url({ protocol: /^smtps?$/ })
    .max(2_000)
    .describe(
      "`smtps://user:password@host` (port 465) or `smtp://user:password@host` (port 587, with STARTTLS).",
    ),
  from: MAIL_ADDRESS,
  to: z.array(MAIL_ADDRESS).min(1).max(20),
});

const webhookSettings = z.strictObject({
  kind: z.literal("webhook"),
  url: WEB_ADDRESS,
  secret: SIGNING_SECRET,
});

/** What is kept of a channel, encrypted: where its messages go, and with which secret. */
export const channelSettingsSchema = z.discriminatedUnion("kind", [
  slackSettings,
  emailSettings,
  webhookSettings,
]);

/** A webhook without a secret gets a new one. */
const givenSettingsSchema = z.discriminatedUnion("kind", [
  slackSettings,
  emailSettings,
  webhookSettings.extend({ secret: SIGNING_SECRET.optional() }),
]);

/** The server that a channel's messages go to. */
export function channelServer(settings: GivenSettings): URL {
  return new URL(settings.kind === "email" ? settings.smtp : settings.url);
}

const channelName = z.string().trim().min(1).max(100).nullable();

export const newAlertChannelSchema = z.strictObject({
  name: channelName.default(null),
  settings: givenSettingsSchema,
});

/** The kind of a channel stays; its settings are replaced as a whole. */
export const alertChannelChangeSchema = z.strictObject({
  name: channelName.optional(),
  settings: givenSettingsSchema.optional(),
});

/** `secret` is shown once; `null`: none was made. */
export const changedAlertChannelSchema = alertChannelSchema.extend({ secret: z.string().nullable() });

/** A worker sends the message within seconds; how it went is seen in the channel. `message_id` is its `webhook-id`. */
export const testAlertSchema = z.object({ message_id: idSchema });

export type AlarmListQuery = z.output<typeof alarmListQuery>;
export type MuteRequest = z.output<typeof muteRequestSchema>;
export type AlarmAnswer = z.output<typeof alarmSchema>;
export type AlertChannelAnswer = z.output<typeof alertChannelSchema>;
export type AlertNotice = z.output<typeof alertNoticeSchema>;
export type ChannelSettings = z.output<typeof channelSettingsSchema>;
export type GivenSettings = z.output<typeof givenSettingsSchema>;
