import type { DayOfAccount } from "@call-ledger/db/completeness";
import type { RecordingStates } from "@call-ledger/db/read";
import type { LedgerStatus } from "@call-ledger/db/status";
import { ATTENTION_MARKS, LACKED_PARTS, MISSING_REASONS } from "@call-ledger/domain";
import type { Registry } from "prom-client";
import { Counter, Gauge } from "prom-client";
import { growthMbPerDay } from "../health/growth.ts";
import { PREFIX } from "./metric-names.ts";
import type { Readings } from "./readings.ts";

const BYTES_PER_MEGABYTE = 1024 * 1024;

type FromDatabase = {
  readonly ledger: LedgerStatus | null;
  readonly recordings: RecordingStates | null;
  readonly accounts: readonly DayOfAccount[] | null;
  readonly isWritable: boolean;
};
type Samples = readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];
type Metrics = {
  /** Registers a gauge without labels. `read` returns `null` if the value is not known. */
  gauge(name: string, help: string, read: (found: FromDatabase) => number | null): void;
  /** Registers a metric with labels. `read` returns all samples of a scrape. */
  labeled(
    Kind: typeof Gauge<string> | typeof Counter<string>,
    name: string,
    help: string,
    labelNames: readonly string[],
    read: (found: FromDatabase) => Samples,
  ): void;
};

/**
 * Registers the metrics that are read when the page is scraped. A value that is not known has no sample, so that a
 * graph shows a gap and not a wrong zero.
 */
export function registerReadings(registry: Registry, readings: Readings): void {
  const metrics = metricsIn(registry, readings);
  const { gauge, labeled } = metrics;
  gauge("database_up", "1: the database answers and takes writes", ({ ledger, isWritable }) =>
    ledger !== null && isWritable ? 1 : 0,
  );
  gauge(
    "database_limit_bytes",
    "Size at which the database takes no more writes",
    () => readings.limitMb * BYTES_PER_MEGABYTE,
  );
  gauge("storage_up", "1: recordings can be stored", () => (readings.storageReachable() ? 1 : 0));
  labeled(Gauge, "build_info", "This release", ["version"], () => [[{ version: readings.version }, 1]]);
  ledgerMetrics(metrics);
  labeled(Gauge, "calls_needing_attention", "Calls of the last day, by mark", ["mark"], ({ ledger }) =>
    ledger === null ? [] : ATTENTION_MARKS.map((mark) => [{ mark }, ledger.attention[mark] ?? 0]),
  );
  const repaired =
    "Calls of the last day that were booked from the provider's list, by the part that the ledger lacked";
  labeled(Gauge, "repaired_calls", repaired, ["part"], ({ ledger }) =>
    ledger === null ? [] : LACKED_PARTS.map((part) => [{ part }, ledger.repaired[part] ?? 0]),
  );
  const missing = "Calls of the last week that were not booked from the provider's list, by the reason";
  labeled(Gauge, "missing_calls_by_reason", missing, ["reason"], ({ ledger }) =>
    ledger === null ? [] : MISSING_REASONS.map((reason) => [{ reason }, ledger.missing[reason] ?? 0]),
  );
  accountMetrics(metrics);
  labeled(Gauge, "recordings", "Recordings, by state", ["state"], ({ recordings }) =>
    Object.entries(recordings ?? {}).map(([state, count]) => [{ state }, count]),
  );
  processMetrics(metrics, readings);
}

function ledgerMetrics(metrics: Metrics): void {
  const gauge = (name: string, help: string, read: (ledger: LedgerStatus) => number | null) =>
    metrics.gauge(name, help, ({ ledger }) => ledger && read(ledger));
  gauge(
    "database_size_bytes",
    "Size of the database",
    (ledger) => ledger.databaseSizeMb * BYTES_PER_MEGABYTE,
  );
  gauge("database_growth_bytes_per_day", "How fast the database grows", (ledger) => {
    const growth = growthMbPerDay(ledger);
    return growth === null ? null : growth * BYTES_PER_MEGABYTE;
  });
  gauge("schema_migrations", "Migrations that the database has", (ledger) => ledger.migration);
  gauge("recording_queue_depth", "Recordings that wait or are being fetched", ({ queue }) => queue.depth);
  gauge(
    "recording_queue_oldest_seconds",
    "Age of the oldest recording in the queue",
    ({ queue }) => queue.oldestAgeSeconds,
  );
  const quarantined = "Deliveries that wait in quarantine, up to 10000";
  gauge("quarantined_deliveries", quarantined, (ledger) => ledger.quarantined);
  const incomplete = "Days of accounts within the last week that are not complete";
  gauge("incomplete_days", incomplete, ({ completeness }) => completeness.incompleteDays);
  const missing = "Calls of incomplete days that the provider has and the ledger lacks";
  gauge("missing_calls", missing, ({ completeness }) => completeness.missingCalls);
  const heartbeat = "Time since the last heartbeat of a worker";
  gauge("worker_heartbeat_age_seconds", heartbeat, (ledger) => ledger.workerAgeSeconds);
  const latest = "Time at which the last event was booked";
  gauge(
    "last_event_timestamp_seconds",
    latest,
    ({ lastEventAt }) => lastEventAt && lastEventAt.getTime() / 1000,
  );
}

/**
 * The days of the last week of each account and organization. A part or a reason without calls has no sample, because
 * the samples are many.
 */
function accountMetrics({ labeled }: Metrics): void {
  const gauge = (
    name: string,
    help: string,
    labelNames: readonly string[],
    read: (day: DayOfAccount) => Samples,
  ) =>
    labeled(
      Gauge,
      `account_${name}`,
      help,
      ["account", "organization", "day", ...labelNames],
      ({ accounts }) =>
        (accounts ?? []).flatMap((one) =>
          read(one).map(([labels, value]): Samples[number] => [
            { account: one.accountId, organization: one.orgId, day: one.day, ...labels },
            value,
          ]),
        ),
    );
  const theirs = "Calls in the provider's list, by account, organization and day";
  gauge("provider_calls", theirs, [], ({ providerCalls }) => [[{}, providerCalls]]);
  gauge("ledger_calls", "Those of them that the ledger has", [], ({ ours }) => [[{}, ours]]);
  const booked = "Those that were booked from the provider's list, by the part that the ledger lacked";
  gauge("repaired_calls", booked, ["part"], ({ repaired }) => samplesBy("part", repaired));
  gauge("missing_calls", "Calls that the ledger lacks, by the reason", ["reason"], ({ missing, gone }) =>
    samplesBy("reason", gone > 0 ? { ...missing, gone } : missing),
  );
  gauge("compared", "1: the whole day was compared", [], (one) => [[{}, one.isCompared ? 1 : 0]]);
}

function samplesBy(label: string, counts: Readonly<Record<string, number>>): Samples {
  return Object.entries(counts).map(([word, count]) => [{ [label]: word }, count]);
}

function processMetrics({ gauge, labeled }: Metrics, { bodies, writeQueue, pools, uploads }: Readings): void {
  gauge("bodies", "Bodies that are being received or answered", () => bodies().bodies);
  gauge("bodies_bytes", "Bytes of the budget that those bodies take", () => bodies().bytes);
  gauge("bodies_limit_bytes", "Budget of bytes for all bodies", () => bodies().limit);
  gauge("write_queue_deliveries", "Deliveries that wait for a write", () => writeQueue().deliveries);
  gauge("write_queue_bytes", "Bytes of the deliveries that wait for a write", () => writeQueue().bytes);
  gauge("write_queue_writing", "Deliveries that are being written", () => writeQueue().writing);
  labeled(Gauge, "pool_connections_limit", "Connections that a pool may have", ["pool"], () =>
    pools().map(({ name, max }) => [{ pool: name }, max]),
  );
  labeled(Gauge, "pool_queries", "Queries of a pool", ["pool", "state"], () =>
    pools().flatMap(
      ({ name, running, waiting }): Samples => [
        [{ pool: name, state: "running" }, running],
        [{ pool: name, state: "waiting" }, waiting],
      ],
    ),
  );
  const replaced = "Connections given up because a query missed its deadline";
  labeled(Counter, "pool_replaced_total", replaced, ["pool"], () =>
    pools().map((pool) => [{ pool: pool.name }, pool.replaced]),
  );
  const attempts = "Attempts to keep a recording, by verdict";
  labeled(Counter, "upload_attempts_total", attempts, ["verdict"], () =>
    Object.entries(uploads() ?? {}).map(([verdict, count]) => [{ verdict }, count]),
  );
}

/** Every metric waits for the database's answer before it is read, so that all values of a page are of one moment. */
function metricsIn(registry: Registry, readings: Readings): Metrics {
  const registers = [registry];
  const fromDatabase = sharedWhilePending(async () => {
    const [ledger, recordings, accounts, isWritable] = await Promise.all([
      readings.ledger(),
      readings.recordings(),
      readings.accounts(),
      readings.isWritable(),
    ]);
    return { ledger, recordings, accounts, isWritable };
  });
  return {
    gauge(name, help, read) {
      new Gauge({
        name: PREFIX + name,
        help,
        registers,
        async collect() {
          const value = read(await fromDatabase());
          // `reset` would set the value to 0.
          if (value === null) this.remove();
          else this.set(value);
        },
      });
    },
    labeled(Kind, name, help, labelNames, read) {
      const metric: Gauge<string> | Counter<string> = new Kind({
        name: PREFIX + name,
        help,
        labelNames,
        registers,
        async collect() {
          const samples = read(await fromDatabase());
          metric.reset();
          for (const [labels, value] of samples) metric.inc(labels, value);
        },
      });
    },
  };
}

/** Gives one pending answer to all callers, because the metrics of one scrape ask at the same time. */
function sharedWhilePending<T>(read: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | null = null;
  return () => {
    pending ??= read().finally(() => {
      pending = null;
    });
    return pending;
  };
}
