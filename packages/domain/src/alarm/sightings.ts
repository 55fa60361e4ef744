import type { AlarmCondition, AlarmThreshold } from "./conditions.ts";
import { ALARM_THRESHOLDS, CERTIFICATE_DAYS, REPAIRED_SHARE } from "./conditions.ts";
import { refusalOf, silences } from "./delivery-sightings.ts";
import type { AlarmFigures, AlarmReadings, AlarmSighting } from "./readings.ts";

/** Returns the conditions that hold at the moment of the readings. */
export function alarmSightings(readings: AlarmReadings): AlarmSighting[] {
  return [
    ...readings.refused.flatMap(refusalOf),
    ...silences(readings),
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
    ...readings.repaired.flatMap(repairedOf),
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

function repairedOf({ accountId, orgId, calls, listed }: AlarmReadings["repaired"][number]): AlarmSighting[] {
  const scope = accountId === null ? `organization:${orgId}` : `account:${accountId}`;
  const figures = { calls, listed };
  const seen = { value: calls, threshold: ALARM_THRESHOLDS.repaired, figures };
  return sighting("calls_repaired", scope, orgId, seen).flatMap((one) => {
    if (calls < (listed * REPAIRED_SHARE) / 2) return [];
    return [{ ...one, opens: one.opens && calls >= listed * REPAIRED_SHARE }];
  });
}

function recordingsOf({
  orgId,
  givenUp,
  expiring,
  failing,
}: AlarmReadings["recordings"][number]): AlarmSighting[] {
  const scope = `organization:${orgId}`;
  return [
    ...sighting("recordings_failing", scope, orgId, {
      value: failing,
      threshold: ALARM_THRESHOLDS.failingRecordings,
      figures: { recordings: failing },
    }),
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
