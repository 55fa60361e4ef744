import { ALARM_CONDITIONS, CHANNEL_KINDS, NEWS_KINDS } from "@call-ledger/domain";
import { z } from "zod";
import { idSchema, instantSchema, pageOf, pageQuery } from "./values.contract.ts";

/** The content of an alarm: its condition and subject, a sentence for people, and figures. */
const alarmContent = {
  condition: z.enum(ALARM_CONDITIONS),
  scope: z.string().describe("`installation`, or `account:`, `organization:` or `channel:` and an id."),
  summary: z.string().describe("One sentence. It contains no phone number and no content of a call."),
  figures: z.record(z.string(), z.number()),
  runbook: z.string().describe("The page of this repository that says what to do."),
  opened_at: instantSchema,
};

/** An alarm that is open, or was closed within the last 90 days. */
export const alarmSchema = z
  .object({
    id: idSchema,
    organization_id: idSchema.nullable().describe("`null`: only the operator gets the alarm."),
    ...alarmContent,
    scope_name: z
      .string()
      .nullable()
      .describe("The name of the account, organization or channel in `scope`."),
    last_seen_at: instantSchema,
    notified_at: instantSchema.nullable(),
    closed_at: instantSchema.nullable(),
    acknowledged_by: z.string().nullable(),
    acknowledged_at: instantSchema.nullable(),
    muted_until: instantSchema.nullable(),
  })
  .meta({ id: "Alarm" });

/** Newest alarms first. `closed` selects the alarms that were closed within the last 90 days. */
export const alarmListQuery = z.object({
  state: z.enum(["open", "closed"]).optional().describe("Default: all alarms."),
  ...pageQuery,
});

/** The operator's list. */
export const installationAlarmListQuery = alarmListQuery.extend({
  for_organization: idSchema
    .optional()
    .describe("Only alarms of this organization, and those of the installation itself."),
});

export const alarmPageSchema = pageOf(alarmSchema);

const MAX_MUTED_HOURS = 720;

/** No messages are sent for the alarm until a time, or for a number of hours; for 30 days at most. */
export const muteRequestSchema = z
  .strictObject({
    until: instantSchema.optional(),
    for_hours: z.int().min(1).max(MAX_MUTED_HOURS).optional(),
  })
  .refine(({ until, for_hours: hours }) => (until === undefined) !== (hours === undefined), {
    message: "give either until or for_hours",
  });

/** A channel that receives messages about alarms. Its addresses and secrets are never shown. */
export const alertChannelSchema = z
  .object({
    id: idSchema,
    organization_id: idSchema
      .nullable()
      .describe("`null`: a channel of the operator, which receives every alarm."),
    kind: z.enum(CHANNEL_KINDS),
    name: z.string().nullable(),
    host: z.string().nullable(),
    created_at: instantSchema,
    last_sent_at: instantSchema.nullable(),
    failing_since: instantSchema
      .nullable()
      .describe("The time since which every message to the channel has failed; `null` if none fails."),
    last_error: z
      .string()
      .nullable()
      .describe(
        "Why messages fail. Without `failing_since`: why the newest message did not reach all receivers.",
      ),
  })
  .meta({ id: "AlertChannel" });

/**
 * The body of a message to a generic webhook, signed according to Standard Webhooks. A message of type `test` contains
 * no alarm. A message can arrive twice; both copies have the same `webhook-id` header.
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
/** A secret in the form of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. */
const SIGNING_SECRET = z.string().regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/);

/** A webhook of Slack, or of another service that accepts the same body. */
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

/** The settings of a channel, which are stored encrypted: the address of its messages, and its secret. */
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

/** Returns the URL of the server that receives a channel's messages. */
export function channelServer(settings: GivenSettings): URL {
  return new URL(settings.kind === "email" ? settings.smtp : settings.url);
}

const channelName = z.string().trim().min(1).max(100).nullable();

export const newAlertChannelSchema = z.strictObject({
  name: channelName.default(null),
  settings: givenSettingsSchema,
});

/** A change of a channel. Its settings are replaced as a whole; their kind cannot change. */
export const alertChannelChangeSchema = z.strictObject({
  name: channelName.optional(),
  settings: givenSettingsSchema.optional(),
});

/** A created or changed channel. `secret` is shown only once; `null`: no secret was generated. */
export const changedAlertChannelSchema = alertChannelSchema.extend({ secret: z.string().nullable() });

/** A worker sends the message within seconds, and the channel shows its result. `message_id` is its `webhook-id`. */
export const testAlertSchema = z.object({ message_id: idSchema });

export type AlarmListQuery = z.output<typeof installationAlarmListQuery>;
export type MuteRequest = z.output<typeof muteRequestSchema>;
export type AlarmAnswer = z.output<typeof alarmSchema>;
export type AlertChannelAnswer = z.output<typeof alertChannelSchema>;
export type AlertNotice = z.output<typeof alertNoticeSchema>;
export type ChannelSettings = z.output<typeof channelSettingsSchema>;
export type GivenSettings = z.output<typeof givenSettingsSchema>;
