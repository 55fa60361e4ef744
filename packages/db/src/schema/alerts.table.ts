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
import { bytea, createdAt, instant, organizations, providerAccounts } from "./organizations.table.ts";

const oneOf = (values: readonly string[]) => sql.raw(values.map((value) => `'${value}'`).join(", "));

/** Where alarms are told: the operator's channels, and those of an organization. */
export const alertChannels = pgTable(
  "alert_channels",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** Null: the operator's, told of every alarm. */
    orgId: uuid("org_id"),
    kind: text("kind").notNull(),
    name: text("name"),
    /** The server that takes its messages, to recognise the channel by. */
    host: text("host"),
    /** Addresses and secrets, encrypted; null for the log. */
    settings: bytea("settings"),
    lastSentAt: instant("last_sent_at"),
    /** Since when it has taken no message although there were some; null: it takes them. */
    failingSince: instant("failing_since"),
    /** Why it takes none, in our words; never a value of the receiver's. */
    lastError: text("last_error"),
    createdAt: createdAt(),
  },
  (t) => [
    index("alert_channels_org_id_idx").on(t.orgId),
    foreignKey({
      name: "alert_channels_org_id_fkey",
      columns: [t.orgId],
      foreignColumns: [organizations.id],
    }),
    check("alert_channels_kind_known", sql`${t.kind} in (${oneOf(CHANNEL_KINDS)})`),
    check("alert_channels_settings_but_for_the_log", sql`(${t.kind} = 'log') = (${t.settings} is null)`),
    check("alert_channels_name_bounded", sql`length(${t.name}) between 1 and 100`),
  ],
);

/** What is or was wrong, each from its opening to its end. */
export const alarms = pgTable(
  "alarms",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** Whose members see it too; null: the operator alone. */
    orgId: uuid("org_id"),
    condition: text("condition").notNull(),
    /** `installation`, or `account:`, `organization:` or `channel:` and an id. */
    scope: text("scope").notNull(),
    /** Numbers, for the words of a message. */
    figures: jsonb("figures").notNull(),
    openedAt: instant("opened_at").notNull(),
    lastSeenAt: instant("last_seen_at").notNull(),
    /** When it was last told of. */
    notifiedAt: instant("notified_at"),
    closedAt: instant("closed_at"),
    /** Who has said that somebody looks after it: it is not repeated any more. */
    acknowledgedBy: text("acknowledged_by"),
    acknowledgedAt: instant("acknowledged_at"),
    /** Until then nobody is told of it. */
    mutedUntil: instant("muted_until"),
  },
  (t) => [
    // What makes an alarm open once, whoever evaluates.
    uniqueIndex("alarms_one_open").on(t.condition, t.scope).where(sql`${t.closedAt} is null`),
    index("alarms_closed_at_idx").on(t.closedAt).where(sql`${t.closedAt} is not null`),
    index("alarms_org_id_idx").on(t.orgId),
    foreignKey({ name: "alarms_org_id_fkey", columns: [t.orgId], foreignColumns: [organizations.id] }),
    check("alarms_condition_known", sql`${t.condition} in (${oneOf(ALARM_CONDITIONS)})`),
    check("alarms_acknowledged_whole", sql`(${t.acknowledgedBy} is null) = (${t.acknowledgedAt} is null)`),
  ],
);

/** Messages to channels, each sent with a lease and tried again until it is taken or a day has passed. */
export const alertDeliveries = pgTable(
  "alert_deliveries",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    channelId: uuid("channel_id").notNull(),
    /** What the message says, one object an alarm; none: it is a test. */
    news: jsonb("news").notNull(),
    status: text("status").notNull().default("pending"),
    attempts: integer("attempts").notNull().default(0),
    /** While it is held, the end of its lease. */
    nextAttemptAt: instant("next_attempt_at").notNull().defaultNow(),
    /** Made anew by each claim: who no longer has it may not settle it. */
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

/** How many deliveries of each account came in a minute, and how they were answered. */
export const deliveryCounts = pgTable(
  "delivery_counts",
  {
    providerAccountId: uuid("provider_account_id").notNull(),
    /** The beginning of the minute. */
    at: instant("at").notNull(),
    accepted: integer("accepted").notNull().default(0),
    /** With a wrong or an old proof. */
    refused: integer("refused").notNull().default(0),
    /** Without any proof. */
    unproven: integer("unproven").notNull().default(0),
    /** Answered with 5xx. The account is the platform's if nobody could tell whose it was. */
    failing: integer("failing").notNull().default(0),
  },
  (t) => [
    primaryKey({ name: "delivery_counts_pkey", columns: [t.providerAccountId, t.at] }),
    foreignKey({
      name: "delivery_counts_provider_account_fkey",
      columns: [t.providerAccountId],
      foreignColumns: [providerAccounts.id],
    }),
  ],
);
