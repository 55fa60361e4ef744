/** The conditions that open an alarm. */
export const ALARM_CONDITIONS = [
  "no_deliveries",
  "signatures_refused",
  "deliveries_failing",
  "provider_failures",
  "calls_overdue",
  "days_incomplete",
  "calls_repaired",
  "quarantine_growing",
  "recordings_failing",
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

/** The kinds of messages about an alarm. */
export const NEWS_KINDS = ["opened", "repeated", "closed"] as const;
export type NewsKind = (typeof NEWS_KINDS)[number];

/** The size of the database, as a fraction of its limit, from which on the operator has to make room. */
export const WARNING_SHARE = 0.8;

/** The fraction above which payloads of booked deliveries are not stored any more, because events need the rest. */
export const FULL_SHARE = 0.9;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * An alarm opens when its value reaches `opens`, and stays open while the value is above `closes`, so that a value that
 * swings around one threshold does not open and close it again and again.
 */
export type AlarmThreshold = { readonly opens: number; readonly closes: number };

/** The thresholds of the conditions that have one figure. Each comment has the unit. */
export const ALARM_THRESHOLDS = {
  /** Deliveries within an hour that got 5xx. An hour, because a database that is away cannot count them meanwhile. */
  failing: { opens: 3, closes: 0 },
  /** Calls of one account that ended within five minutes because of a fault of the provider. */
  providerFailures: { opens: 10, closes: 3 },
  /** Calls of the last day of one organization without their end or their report. */
  overdue: { opens: 6, closes: 2 },
  /** Days of the last week that lack calls or were not compared with the provider. */
  incompleteDays: { opens: 1, closes: 0 },
  /**
   * Calls of the last day that only the comparison with the provider brought. Counts only if they are at least
   * REPAIRED_SHARE of the provider's calls.
   */
  repaired: { opens: 5, closes: 2 },
  /** Seconds that the oldest delivery of one account waits in quarantine. */
  quarantineSeconds: { opens: HOUR, closes: 0 },
  /** Recordings of one organization whose uploads have failed for an hour. */
  failingRecordings: { opens: 3, closes: 0 },
  /** Recordings of one organization that were given up within a day. */
  givenUp: { opens: 1, closes: 0 },
  /** Recordings of one organization whose uploads fail and whose copy at the provider is deleted within a day. */
  expiring: { opens: 1, closes: 0 },
  /** Seconds since the last heartbeat of any worker. */
  workerSeconds: { opens: 2 * MINUTE, closes: MINUTE },
  /** Size of the database as a fraction of its limit. */
  databaseShare: { opens: WARNING_SHARE, closes: 0.75 },
  /** Seconds since the last event was booked, for a database that Supabase pauses after seven days. */
  idleSeconds: { opens: 6 * DAY, closes: DAY },
  /** Seconds since the oldest message of a channel failed for the first time. */
  channelSeconds: { opens: 15 * MINUTE, closes: 0 },
} as const satisfies Readonly<Record<string, AlarmThreshold>>;

/** A fraction of the provider's calls. Some calls in a thousand are always repaired. */
export const REPAIRED_SHARE = 0.01;

/** Days left of the certificate of PUBLIC_URL. An alarm opens below `opens`, and closes from `closes` on. */
export const CERTIFICATE_DAYS: AlarmThreshold = { opens: 14, closes: 20 };

/** The rule that decides whether deliveries of an account are refused. */
export const REFUSALS = {
  /** Deliveries with a wrong or an old proof within an hour; within 12 hours, if none was accepted. */
  hour: 5,
  /** Deliveries with a wrong or an old proof within 12 hours, whether or not others were accepted. */
  halfDay: 20,
  /**
   * Deliveries without any proof within an hour or two days. Counts only if none was accepted meanwhile, because
   * strangers send these too.
   */
  unproven: 20,
  /** An alarm stays open for so many seconds after the last wrong proof. */
  quietSeconds: 2 * HOUR,
  /** An alarm is over so many seconds after the last wrong proof, if deliveries were accepted since. */
  maxQuietSeconds: 12 * HOUR,
} as const;

/** The rule that decides whether an account is silent for longer than usual. */
export const SILENCE = {
  /** Shorter silences are never an alarm. */
  minSeconds: 30 * MINUTE,
  /** An account that has been silent for longer than this is no longer in use. */
  maxSeconds: 28 * DAY,
  /** The number of earlier weeks that have to be known. */
  minWeeks: 3,
  /** The calls that began in the same span of every earlier week; of all but one, if four weeks are known. */
  minCalls: 4,
} as const;

/** Returns the page of this repository that says what to do about a condition. A page is named after its condition. */
export function runbookOf(condition: AlarmCondition): string {
  return `docs/runbooks/${condition.replaceAll("_", "-")}.md`;
}
