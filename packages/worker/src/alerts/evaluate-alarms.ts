import type { StoredReadings } from "@call-ledger/db/alerts";
import { readAlarmReadings, settleAlarms } from "@call-ledger/db/alerts";
import type { WorkerSession } from "@call-ledger/db/jobs";
import type { AlarmReadings } from "@call-ledger/domain";
import { alarmSightings } from "@call-ledger/domain";
import { providerFor } from "@call-ledger/providers";

export type EvaluationPorts = {
  readonly session: WorkerSession;
  /** Megabytes of 1,048,576 bytes. */
  readonly databaseLimitMb: number;
  /** Whether the database is paused after some time without events. */
  readonly isPausedWhenIdle: boolean;
  /** Returns milliseconds since 1970. Default: the clock of the database, because those of processes may be wrong. */
  readonly now?: () => number;
};

const MEGABYTE = 1_048_576;
const QUIET_SECONDS = 900;
const REPEAT_SECONDS = 86_400;

/**
 * Reads the current figures, opens, keeps and closes alarms by them, and queues their messages. Any number of processes
 * may do it at the same time: an alarm opens once. Throws DbError.
 */
export async function evaluateAlarms(
  ports: EvaluationPorts,
): Promise<{ readonly opened: number; readonly closed: number; readonly holding: number }> {
  const { session, now } = ports;
  const { moment, ...stored } = await session.run((sql) => readAlarmReadings(sql, now?.() ?? null));
  const sightings = alarmSightings(readingsOf(stored, ports));
  const settled = await session.run((sql) =>
    settleAlarms(sql, sightings, { moment, quietSeconds: QUIET_SECONDS, repeatSeconds: REPEAT_SECONDS }),
  );
  return { ...settled, holding: sightings.length };
}

function readingsOf(
  { endings, certificate, idleSeconds, ...stored }: Omit<StoredReadings, "moment">,
  { databaseLimitMb, isPausedWhenIdle }: EvaluationPorts,
): AlarmReadings {
  return {
    ...stored,
    providerFailures: providerFailures(endings),
    databaseLimitBytes: databaseLimitMb * MEGABYTE,
    idleSeconds: isPausedWhenIdle ? idleSeconds : null,
    certificateDays: certificate?.days_left ?? null,
  };
}

const BURST_SECONDS = 300;

/**
 * Returns for each account the most calls that ended within five minutes because of the provider. The provider's
 * adapter knows which reasons mean that. The report of a call may come some time after its end.
 */
function providerFailures(endings: StoredReadings["endings"]): AlarmReadings["providerFailures"] {
  const faults = endings.filter(({ provider, reason }) => providerFor(provider)?.isProviderFault(reason));
  const byAccount = Map.groupBy(faults, ({ accountId }) => accountId);
  return [...byAccount].map(([accountId, some]) => {
    const ends = some.flatMap(({ secondsAgo }) => secondsAgo).toSorted((one, other) => one - other);
    const spans = ends.map((end) => ends.filter((at) => at >= end && at < end + BURST_SECONDS).length);
    return { accountId, orgId: some[0]?.orgId ?? null, calls: Math.max(0, ...spans) };
  });
}
