/** What an alarm can be about. */
export const ALARM_CONDITIONS = [
  "no_deliveries",
  "signatures_refused",
  "deliveries_failing",
  "provider_failures",
  "calls_overdue",
  "days_incomplete",
  "quarantine_growing",
  "recordings_given_up",
  "recordings_expiring",
  "worker_silent",
  "database_filling",
  "database_idle",
  "certificate_expiring",
  "channel_failing",
] as const;

export type AlarmCondition = (typeof ALARM_CONDITIONS)[number];

/** The kinds of alert channels. */
export const CHANNEL_KINDS = ["slack", "email", "webhook", "log"] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/** What a message says of an alarm. */
export const NEWS_KINDS = ["opened", "repeated", "closed"] as const;
export type NewsKind = (typeof NEWS_KINDS)[number];

/** The database's size, as a part of its limit, from which on somebody has to make room. */
export const WARNING_SHARE = 0.8;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * An alarm opens when its value reaches `opens`, and stays open while the value is above `closes`, so that a value that
 * swings around one threshold does not open and close it again and again.
 */
export type AlarmThreshold = { readonly opens: number; readonly closes: number };

/** The thresholds that are compared with a figure; the unit is in the comment. */
export const ALARM_THRESHOLDS = {
  /** Deliveries of one account with a wrong or an old proof within an hour. */
  refused: { opens: 5, closes: 0 },
  /** Deliveries without any proof within an hour, if none with a right one came: strangers send those too. */
  unproven: { opens: 20, closes: 0 },
  /** Deliveries within an hour that got 5xx: so long may a database be away that cannot be written to meanwhile. */
  failing: { opens: 3, closes: 0 },
  /** Calls of one account within five minutes that ended by a fault of the provider. */
  providerFailures: { opens: 10, closes: 3 },
  /** Calls of the last day of one organization without their end or their report. */
  overdue: { opens: 6, closes: 2 },
  /** Days of the last week that lack calls, or that were not compared with the provider. */
  incompleteDays: { opens: 1, closes: 0 },
  /** Seconds that the oldest delivery of one account waits in quarantine. */
  quarantineSeconds: { opens: HOUR, closes: 0 },
  /** Recordings of one organization that were given up within a day. */
  givenUp: { opens: 1, closes: 0 },
  /** Recordings of one organization whose attempts fail, and whose copy at the provider is gone within a day. */
  expiring: { opens: 1, closes: 0 },
  /** Seconds since the last heartbeat of any worker. */
  workerSeconds: { opens: 2 * MINUTE, closes: MINUTE },
  /** Part of the database's limit. */
  databaseShare: { opens: WARNING_SHARE, closes: 0.75 },
  /** Seconds since the last event was booked, in a database that Supabase pauses after seven days. */
  idleSeconds: { opens: 6 * DAY, closes: DAY },
  /** Seconds since the oldest message of a channel failed for the first time. */
  channelSeconds: { opens: 15 * MINUTE, closes: 0 },
} as const satisfies Readonly<Record<string, AlarmThreshold>>;

/** The certificate of PUBLIC_URL: an alarm opens when fewer days are left than `opens`, and closes from `closes` on. */
export const CERTIFICATE_DAYS: AlarmThreshold = { opens: 14, closes: 20 };

/** When an account is silent for longer than usual. */
export const SILENCE = {
  /** Shorter silences are never an alarm. */
  minSeconds: 30 * MINUTE,
  /** An account that has been silent for longer is no longer in use. */
  maxSeconds: 28 * DAY,
  /** So many earlier weeks have to be known. */
  minWeeks: 3,
  /** In the same span of every earlier week (of all but one, if four are known) so many calls have begun. */
  minCalls: 4,
} as const;

/** The file in docs/runbooks, without its ending, that says what to do. */
export const RUNBOOKS: Readonly<Record<AlarmCondition, string>> = {
  no_deliveries: "no-deliveries",
  signatures_refused: "signatures-refused",
  deliveries_failing: "deliveries-failing",
  provider_failures: "provider-failures",
  calls_overdue: "calls-overdue",
  days_incomplete: "days-incomplete",
  quarantine_growing: "quarantine-growing",
  recordings_given_up: "recordings-given-up",
  recordings_expiring: "recordings-expiring",
  worker_silent: "worker-silent",
  database_filling: "database-filling",
  database_idle: "database-idle",
  certificate_expiring: "certificate-expiring",
  channel_failing: "channel-failing",
};
