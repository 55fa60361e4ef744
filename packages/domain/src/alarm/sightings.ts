import type { AlarmCondition, AlarmThreshold } from "./conditions.ts";
import { ALARM_THRESHOLDS, CERTIFICATE_DAYS, SILENCE } from "./conditions.ts";

/** An account and its organization. `orgId` is `null` for an account of the platform. */
type OfAccount = { readonly accountId: string; readonly orgId: string | null };

/** The figures of the ledger at one moment, from which alarms are derived. Times are seconds, sizes are bytes. */
export type AlarmReadings = {
  /** Deliveries of the last hour, for each account that refused some or whose refusal lasts. */
  readonly refused: readonly (OfAccount & {
    readonly refused: number;
    readonly unproven: number;
    readonly accepted: number;
    /** Whether the account has accepted no delivery since it refused one with a wrong proof, for however long. */
    readonly lasts: boolean;
  })[];
  /** Deliveries of the last hour that got 5xx. */
  readonly failing: number;
  /** Accounts that have ever had a call. */
  readonly silent: readonly (OfAccount & {
    readonly seconds: number;
    /** Calls that began in the same span of each known earlier week, newest week first. The count stops at a limit. */
    readonly usual: readonly number[];
  })[];
  /** Calls that ended within the last five minutes because of a fault of their provider. */
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
  readonly quarantine: readonly (OfAccount & {
    readonly waiting: number;
    readonly oldestSeconds: number;
  })[];
  readonly recordings: readonly {
    readonly orgId: string;
    readonly givenUp: number;
    readonly expiring: number;
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

/** Returns the conditions that hold at the moment of the readings. */
export function alarmSightings(readings: AlarmReadings): AlarmSighting[] {
  const refusals = readings.refused.flatMap(refusalsOf);
  // An account whose deliveries are refused has no accepted ones either. Refusal and silence are then one failure, of
  // which the first alarm stays open.
  const drifted = new Set(refusals.filter(({ opens }) => opens).map(({ scope }) => scope));
  return [
    ...refusals,
    ...readings.silent
      .flatMap(silenceOf)
      .map((silence) => (drifted.has(silence.scope) ? { ...silence, opens: false } : silence)),
    ...readings.providerFailures.flatMap(({ accountId, orgId, calls }) =>
      sighting("provider_failures", `account:${accountId}`, orgId, {
        value: calls,
        threshold: ALARM_THRESHOLDS.providerFailures,
        figures: { calls },
      }),
    ),
    ...readings.overdue.flatMap(({ orgId, calls }) =>
      sighting("calls_overdue", `organization:${orgId}`, orgId, {
        value: calls,
        threshold: ALARM_THRESHOLDS.overdue,
        figures: { calls },
      }),
    ),
    ...readings.incomplete.flatMap(({ accountId, orgId, ...figures }) =>
      sighting(
        "days_incomplete",
        accountId === null ? `organization:${orgId}` : `account:${accountId}`,
        orgId,
        { value: figures.days + figures.uncompared, threshold: ALARM_THRESHOLDS.incompleteDays, figures },
      ),
    ),
    ...readings.quarantine.flatMap(({ accountId, orgId, waiting, oldestSeconds }) =>
      sighting("quarantine_growing", `account:${accountId}`, orgId, {
        value: oldestSeconds,
        threshold: ALARM_THRESHOLDS.quarantineSeconds,
        figures: { waiting, seconds: oldestSeconds },
      }),
    ),
    ...readings.recordings.flatMap(recordingsOf),
    ...readings.channels.flatMap(({ channelId, orgId, seconds }) =>
      sighting("channel_failing", `channel:${channelId}`, orgId, {
        value: seconds,
        threshold: ALARM_THRESHOLDS.channelSeconds,
        figures: { seconds },
      }),
    ),
    ...ofInstallation(readings),
  ];
}

function ofInstallation(readings: AlarmReadings): AlarmSighting[] {
  const { failing, workerSeconds, databaseBytes, databaseLimitBytes, idleSeconds, certificateDays } =
    readings;
  const share = databaseBytes / databaseLimitBytes;
  const installation = (
    condition: AlarmCondition,
    value: number,
    threshold: AlarmThreshold,
    figures: AlarmFigures,
  ) => sighting(condition, "installation", null, { value, threshold, figures });
  return [
    ...installation("deliveries_failing", failing, ALARM_THRESHOLDS.failing, { deliveries: failing }),
    ...installation("worker_silent", workerSeconds, ALARM_THRESHOLDS.workerSeconds, {
      seconds: workerSeconds,
    }),
    ...installation("database_filling", share, ALARM_THRESHOLDS.databaseShare, {
      percent: Math.floor(share * 100),
    }),
    ...installation("database_idle", idleSeconds ?? 0, ALARM_THRESHOLDS.idleSeconds, {
      seconds: idleSeconds ?? 0,
    }),
    ...certificateOf(certificateDays),
  ];
}

function sighting(
  condition: AlarmCondition,
  scope: string,
  orgId: string | null,
  seen: { readonly value: number; readonly threshold: AlarmThreshold; readonly figures: AlarmFigures },
): AlarmSighting[] {
  const { value, threshold, figures } = seen;
  if (value <= threshold.closes) return [];
  return [{ condition, scope, orgId, opens: value >= threshold.opens, figures }];
}

function refusalsOf({
  accountId,
  orgId,
  refused,
  unproven,
  accepted,
  lasts,
}: AlarmReadings["refused"][number]): AlarmSighting[] {
  const figures = { refused: refused + unproven, accepted };
  const of = (value: number, threshold: AlarmThreshold) =>
    sighting("signatures_refused", `account:${accountId}`, orgId, { value, threshold, figures });
  const wrong = of(refused, ALARM_THRESHOLDS.refused);
  if (wrong.some(({ opens }) => opens) || accepted > 0) return wrong;
  const scope = `account:${accountId}`;
  const lasting = lasts
    ? [{ condition: "signatures_refused", scope, orgId, opens: false, figures } as const]
    : [];
  return [...of(unproven, ALARM_THRESHOLDS.unproven), ...wrong, ...lasting].slice(0, 1);
}

function silenceOf({ accountId, orgId, seconds, usual }: AlarmReadings["silent"][number]): AlarmSighting[] {
  if (seconds < SILENCE.minSeconds || seconds > SILENCE.maxSeconds) return [];
  if (usual.length < SILENCE.minWeeks) return [];
  // One week may have been a holiday.
  const weeks = usual.toSorted((one, other) => one - other);
  const quietest = weeks[weeks.length > SILENCE.minWeeks ? 1 : 0] ?? 0;
  if (quietest < SILENCE.minCalls) return [];
  return [
    {
      condition: "no_deliveries",
      scope: `account:${accountId}`,
      orgId,
      opens: true,
      figures: { seconds, usual_calls: quietest },
    },
  ];
}

function recordingsOf({ orgId, givenUp, expiring }: AlarmReadings["recordings"][number]): AlarmSighting[] {
  const scope = `organization:${orgId}`;
  return [
    ...sighting("recordings_given_up", scope, orgId, {
      value: givenUp,
      threshold: ALARM_THRESHOLDS.givenUp,
      figures: { recordings: givenUp },
    }),
    ...sighting("recordings_expiring", scope, orgId, {
      value: expiring,
      threshold: ALARM_THRESHOLDS.expiring,
      figures: { recordings: expiring },
    }),
  ];
}

function certificateOf(days: number | null): AlarmSighting[] {
  if (days === null || days >= CERTIFICATE_DAYS.closes) return [];
  return [
    {
      condition: "certificate_expiring",
      scope: "installation",
      orgId: null,
      opens: days < CERTIFICATE_DAYS.opens,
      figures: { days },
    },
  ];
}
