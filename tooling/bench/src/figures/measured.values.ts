import type { StoredMeasurement } from "./api.measure.ts";
import type { DuplicateMeasurement } from "./duplicates.measure.ts";
import { totalMicroseconds } from "./duplicates.measure.ts";
import type { Measured } from "./figure.budgets.ts";

/** What Supabase's free plan holds. */
const FREE_PLAN_BYTES = 500e6;

export function storedValue(stored: StoredMeasurement): Measured {
  const { bytesStored, bytesReceived, calls, tables, content } = stored;
  const callsIn = (bytes: number) => (FREE_PLAN_BYTES * calls) / bytes;
  const payload = content.get("payload") ?? 0;
  const perCall = [...tables]
    .filter(([, bytes]) => bytes > 0)
    .map(([name, bytes]) => [`${name} bytes/call`, bytes / calls] as const);
  return {
    value: bytesStored / bytesReceived,
    baseline: { name: "received", value: bytesReceived / calls, unit: "bytes/call" },
    also: {
      stored_bytes_per_call: bytesStored / calls,
      calls_in_500_mb: callsIn(bytesStored),
      calls_in_500_mb_without_payloads: callsIn(bytesStored - payload),
      without_payloads: (bytesStored - payload) / bytesReceived,
      calls,
      ...Object.fromEntries(perCall),
      ...Object.fromEntries([...content].map(([name, bytes]) => [`of it ${name} bytes/call`, bytes / calls])),
    },
  };
}

/** Processor time against processor time; where the system does not tell it, rate against rate. */
export function duplicateValue({ first, again }: DuplicateMeasurement): Measured {
  const [cost, costAgain] = [totalMicroseconds(first), totalMicroseconds(again)];
  const rates = { first_per_s: first.perSecond, duplicates_per_s: again.perSecond };
  const byRate = first.perSecond / again.perSecond;
  if (cost === undefined || costAgain === undefined) {
    const baseline = { name: "first deliveries", value: first.perSecond, unit: "deliveries/s" };
    return { value: byRate, baseline, also: rates };
  }
  return {
    value: costAgain / cost,
    baseline: { name: "a first delivery", value: cost, unit: "µs of processor" },
    also: {
      by_rate: byRate,
      ...rates,
      first_api_us: first.apiMicroseconds ?? 0,
      first_postgres_us: first.postgresMicroseconds ?? 0,
      duplicate_api_us: again.apiMicroseconds ?? 0,
      duplicate_postgres_us: again.postgresMicroseconds ?? 0,
    },
  };
}
