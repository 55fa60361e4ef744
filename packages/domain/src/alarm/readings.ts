import type { AlarmCondition } from "./conditions.ts";

/** An account and its organization. `orgId` is `null` for an account of the platform. */
type OfAccount = { readonly accountId: string; readonly orgId: string | null };

/** The deliveries of an account that refused some. `refused` have a wrong or an old proof, `unproven` have none. */
export type AccountRefusals = OfAccount & {
  readonly hour: { readonly refused: number; readonly unproven: number; readonly accepted: number };
  readonly halfDay: { readonly refused: number; readonly accepted: number };
  /** `unproven`: those since the last accepted one. */
  readonly twoDays: { readonly unproven: number; readonly accepted: number };
  /** Whether the account has accepted no delivery since it refused one with a wrong proof, for however long. */
  readonly lasts: boolean;
  /** Since the last wrong proof; `null`: there was none within two days. */
  readonly quietSeconds: number | null;
  /** Deliveries that were accepted since the last wrong proof. */
  readonly acceptedSince: number;
  /** The most deliveries that were accepted between one wrong proof and the next, within two days. */
  readonly acceptedBetween: number;
};

/** The figures of the ledger at one moment, from which alarms are derived. Times are seconds, sizes are bytes. */
export type AlarmReadings = {
  /** Accounts that refused deliveries within two days, or whose refusal lasts. */
  readonly refused: readonly AccountRefusals[];
  /** Deliveries of the last hour that got 5xx. */
  readonly failing: number;
  /** Accounts that have ever had a call. */
  readonly silent: readonly (OfAccount & {
    readonly seconds: number;
    /** Calls that began in the same span of each known earlier week, newest week first. The count stops at a limit. */
    readonly usual: readonly number[];
  })[];
  /** Accounts with an open alarm of their silence. */
  readonly returning: readonly (OfAccount & {
    /** Calls that came with deliveries within the last two hours. The count stops at a limit. */
    readonly calls: number;
    /** Calls that began in the same two hours of each known earlier week. The count stops at the same limit. */
    readonly usual: readonly number[];
  })[];
  /** The most calls that ended within five minutes of the last half an hour because of a fault of their provider. */
  readonly providerFailures: readonly (OfAccount & { readonly calls: number })[];
  readonly overdue: readonly { readonly orgId: string; readonly calls: number }[];
  /** Past days of the last week that are not complete. `accountId` is `null` for the platform's accounts. */
  readonly incomplete: readonly {
    readonly accountId: string | null;
    readonly orgId: string | null;
    /** Days that lack calls, and these calls. */
    readonly days: number;
    readonly calls: number;
    /** Days that were not compared to their end. */
    readonly uncompared: number;
  }[];
  /** Calls of the last day. `accountId` is `null` for the platform's accounts. */
  readonly repaired: readonly {
    readonly accountId: string | null;
    readonly orgId: string;
    /** Those that came from the provider's list, because the ledger lacked them, their end or their report. */
    readonly calls: number;
    /** All that the provider has listed. */
    readonly listed: number;
  }[];
  readonly quarantine: readonly (OfAccount & {
    readonly waiting: number;
    readonly oldestSeconds: number;
  })[];
  readonly recordings: readonly {
    readonly orgId: string;
    readonly givenUp: number;
    readonly expiring: number;
    /** Those that have failed for an hour or longer. */
    readonly failing: number;
  }[];
  readonly workerSeconds: number;
  readonly databaseBytes: number;
  readonly databaseLimitBytes: number;
  /** `null`: this database is never paused. */
  readonly idleSeconds: number | null;
  /** Days until the certificate of PUBLIC_URL ends; -1 if it is not valid; `null` if that is unknown. */
  readonly certificateDays: number | null;
  /** Channels whose messages fail. */
  readonly channels: readonly {
    readonly channelId: string;
    readonly orgId: string | null;
    readonly seconds: number;
  }[];
};

/** The figures in an alarm's text. They are numbers only, so that no content of a call can get into a message. */
export type AlarmFigures = Readonly<Record<string, number>>;

/** A condition that holds at this moment. */
export type AlarmSighting = {
  readonly condition: AlarmCondition;
  /** The subject of the alarm: `installation`, or `account:`, `organization:` or `channel:` and an id. */
  readonly scope: string;
  /** The organization whose members get the alarm too; `null`: only the operator gets it. */
  readonly orgId: string | null;
  /** Whether the sighting opens an alarm. If not, it only keeps an open one open. */
  readonly opens: boolean;
  readonly figures: AlarmFigures;
};
