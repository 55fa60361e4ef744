import { ALARM_CONDITIONS, CHANNEL_KINDS } from "@call-ledger/domain";
import { sql } from "drizzle-orm";
import {
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytea, createdAt, instant, ofAccount, ofOrganization, oneOf } from "./organizations.table.ts";

/** The channels that receive alarms: the operator's, and those of organizations. */
export const alertChannels = pgTable(
  "alert_channels",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** Null: a channel of the operator, which receives every alarm. */
    orgId: uuid("org_id"),
    kind: text("kind").notNull(),
    name: text("name"),
    /** The server that receives the messages, by which people recognise the channel. */
    host: text("host"),
    /** Addresses and secrets, encrypted; null for the log. */
    settings: bytea("settings"),
    lastSentAt: instant("last_sent_at"),
    /** The time since which every message has failed; null: messages are accepted. */
    failingSince: instant("failing_since"),
    /** The reason of the failure, in our words. It never contains a value of the receiver. */
    lastError: text("last_error"),
    createdAt: createdAt(),
  },
  (t) => [
    index("alert_channels_org_id_idx").on(t.orgId),
    ofOrganization("alert_channels", t.orgId),
    check("alert_channels_kind_known", sql`${t.kind} in (${oneOf(CHANNEL_KINDS)})`),
    check("alert_channels_settings_but_for_the_log", sql`(${t.kind} = 'log') = (${t.settings} is null)`),
    check("alert_channels_name_bounded", sql`length(${t.name}) between 1 and 100`),
  ],
);

/** Present and past faults, each from its opening to its end. */
export const alarms = pgTable(
  "alarms",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** The organization whose members see the alarm too; null: only the operator. */
    orgId: uuid("org_id"),
    condition: text("condition").notNull(),
    /** `installation`, or `account:`, `organization:` or `channel:` and an id. */
    scope: text("scope").notNull(),
    /** The numbers in the text of a message. */
    figures: jsonb("figures").notNull(),
    openedAt: instant("opened_at").notNull(),
    lastSeenAt: instant("last_seen_at").notNull(),
    /** The time of the last message about it. */
    notifiedAt: instant("notified_at"),
    closedAt: instant("closed_at"),
    /** Who looks after the alarm. An acknowledged alarm is not repeated. */
    acknowledgedBy: text("acknowledged_by"),
    acknowledgedAt: instant("acknowledged_at"),
    /** No messages are sent until this time. */
    mutedUntil: instant("muted_until"),
  },
  (t) => [
    // Makes an alarm open only once, with any number of evaluating processes.
    uniqueIndex("alarms_one_open").on(t.condition, t.scope).where(sql`${t.closedAt} is null`),
    index("alarms_closed_at_idx").on(t.closedAt).where(sql`${t.closedAt} is not null`),
    index("alarms_org_id_idx").on(t.orgId),
    ofOrganization("alarms", t.orgId),
    check("alarms_condition_known", sql`${t.condition} in (${oneOf(ALARM_CONDITIONS)})`),
    check("alarms_acknowledged_whole", sql`(${t.acknowledgedBy} is null) = (${t.acknowledgedAt} is null)`),
  ],
);

/** Messages to channels. Each is sent under a lease, and tried again until it is accepted or a day has passed. */
export const alertDeliveries = pgTable(
  "alert_deliveries",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    channelId: uuid("channel_id").notNull(),
    /** The content of the message, one object for each alarm; empty: a test. */
    news: jsonb("news").notNull(),
    status: text("status").notNull().default("pending"),
    attempts: integer("attempts").notNull().default(0),
    /** While the message is held, the end of its lease. */
    nextAttemptAt: instant("next_attempt_at").notNull().defaultNow(),
    /** Made anew by each claim. A process without the current token may not settle the message. */
    leaseToken: uuid("lease_token"),
    /** Why the last attempt failed, in our words. */
    lastError: text("last_error"),
    finishedAt: instant("finished_at"),
    createdAt: createdAt(),
  },
  (t) => [
    index("alert_deliveries_waiting_idx").on(t.channelId, t.createdAt).where(sql`${t.status} = 'pending'`),
    index("alert_deliveries_finished_at_idx").on(t.finishedAt).where(sql`${t.finishedAt} is not null`),
    foreignKey({
      name: "alert_deliveries_channel_fkey",
      columns: [t.channelId],
      foreignColumns: [alertChannels.id],
    }).onDelete("cascade"),
    check("alert_deliveries_status_known", sql`${t.status} in ('pending', 'sent', 'failed')`),
    check("alert_deliveries_attempts_not_negative", sql`${t.attempts} >= 0`),
  ],
);

/** The number of deliveries of each account in a minute, by their answer. */
export const deliveryCounts = pgTable(
  "delivery_counts",
  {
    providerAccountId: uuid("provider_account_id").notNull(),
    /** The start of the minute. */
    at: instant("at").notNull(),
    accepted: integer("accepted").notNull().default(0),
    /** Deliveries with a wrong or an old proof. */
    refused: integer("refused").notNull().default(0),
    /** Deliveries without any proof. */
    unproven: integer("unproven").notNull().default(0),
    /** Deliveries that got 5xx. The account is the platform's if their own is unknown. */
    failing: integer("failing").notNull().default(0),
  },
  (t) => [
    primaryKey({ name: "delivery_counts_pkey", columns: [t.providerAccountId, t.at] }),
    index("delivery_counts_refused_idx")
      .on(t.providerAccountId, t.at)
      .where(sql`${t.refused} > 0 or ${t.unproven} > 0`),
    ofAccount("delivery_counts", t.providerAccountId),
  ],
);
