import type { StoredMeasurement } from "./api.measure.ts";
import type { BaselineMeasurement, NaiveMeasurement } from "./baseline.measure.ts";
import { ROUND_TRIP_MS } from "./baseline.measure.ts";
import { costNumbers, totalMicroseconds } from "./delivery.cost.ts";
import type { DuplicateMeasurement } from "./duplicates.measure.ts";
import type { Measured } from "./figure.budgets.ts";
import type { PackedSizes } from "./packed.sizes.ts";
import type { SingleLatencies } from "./single.measure.ts";

/** The max size of a database in Supabase's free plan. */
const FREE_PLAN_BYTES = 500e6;

export function storedValue(stored: StoredMeasurement, sizes: PackedSizes): Measured {
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
      payloads: payload / bytesReceived,
      payloads_with_dictionary_only: sizes.withDictionary,
      payloads_as_plain_zstd: sizes.plain,
      calls,
      ...Object.fromEntries(perCall),
      ...Object.fromEntries([...content].map(([name, bytes]) => [`of it ${name} bytes/call`, bytes / calls])),
    },
  };
}

/** `verifying`: Express that verifies and stores nothing. Its rate can be the limit of the load generator. */
export function naiveValue({ api, naive }: NaiveMeasurement, verifying: BaselineMeasurement): Measured {
  return {
    value: api.perSecond / naive.perSecond,
    baseline: { name: "naive handler", value: naive.perSecond, unit: "deliveries/s" },
    also: {
      deliveries_per_s: api.perSecond,
      round_trip_ms: ROUND_TRIP_MS,
      verifying_express_vs_naive: verifying.perSecond / naive.perSecond,
      ...costNumbers("ledger", api.cost),
      ...costNumbers("naive", naive.cost),
      ...costNumbers("verifying", verifying.cost),
    },
  };
}

export function singleValue({ delivery, insert, writeFunction, verifying }: SingleLatencies): Measured {
  return {
    value: delivery.p99 / insert.p99,
    baseline: { name: "one INSERT, p99", value: insert.p99, unit: "ms" },
    also: {
      delivery_p50_ms: delivery.p50,
      delivery_p99_ms: delivery.p99,
      insert_p50_ms: insert.p50,
      write_function_p50_ms: writeFunction.p50,
      write_function_p99_ms: writeFunction.p99,
      verifying_express_p50_ms: verifying.p50,
      verifying_express_p99_ms: verifying.p99,
    },
  };
}

/** Compares processor times, or rates if the system does not give processor times. */
export function duplicateValue({ first, again }: DuplicateMeasurement): Measured {
  const by_rate = first.perSecond / again.perSecond;
  const rates = { by_rate, first_per_s: first.perSecond, duplicates_per_s: again.perSecond };
  if (first.cost === undefined || again.cost === undefined) {
    const baseline = { name: "first deliveries", value: first.perSecond, unit: "deliveries/s" };
    return { value: by_rate, baseline, also: rates };
  }
  const cost = totalMicroseconds(first.cost);
  return {
    value: totalMicroseconds(again.cost) / cost,
    baseline: { name: "a first delivery", value: cost, unit: "µs of processor" },
    also: { ...rates, ...costNumbers("first", first.cost), ...costNumbers("duplicate", again.cost) },
  };
}
