import type { LedgerStatus } from "@call-ledger/db/read";
import type { Registry } from "prom-client";
import { Counter, Gauge } from "prom-client";
import { growthMbPerDay } from "../health/growth.ts";
import { PREFIX } from "./metric-names.ts";
import type { Readings } from "./readings.ts";

const BYTES_PER_MEGABYTE = 1024 * 1024;

type Labels = Readonly<Record<string, string>>;
type Sheet = {
  gauge(name: string, help: string, value: number | null, labels?: Labels): void;
  counter(name: string, help: string, value: number, labels?: Labels): void;
};

/** Fills a registry with what is true now. What is not known is left out: a gap in a graph is honest, a zero is not. */
export async function readGauges(registry: Registry, readings: Readings): Promise<void> {
  const sheet = sheetOver(registry);
  const [ledger, recordings] = await Promise.all([readings.ledger(), readings.recordings()]);
  sheet.gauge("database_up", "1: the database answers", ledger === null ? 0 : 1);
  sheet.gauge(
    "database_limit_bytes",
    "Size at which the database stops",
    readings.limitMb * BYTES_PER_MEGABYTE,
  );
  sheet.gauge("storage_up", "1: recordings can be stored", readings.storageReachable() ? 1 : 0);
  sheet.gauge("build_info", "This release", 1, { version: readings.version });
  if (ledger !== null) ledgerGauges(sheet, ledger);
  for (const [state, count] of Object.entries(recordings ?? {})) {
    sheet.gauge("recordings", "Recordings, by state", count, { state });
  }
  processGauges(sheet, readings);
}

function ledgerGauges({ gauge }: Sheet, ledger: LedgerStatus): void {
  gauge("database_size_bytes", "Size of the database", ledger.databaseSizeMb * BYTES_PER_MEGABYTE);
  const growth = growthMbPerDay(ledger);
  gauge(
    "database_growth_bytes_per_day",
    "How fast the database grows",
    growth === null ? null : growth * BYTES_PER_MEGABYTE,
  );
  gauge("schema_migrations", "Migrations that the database has", ledger.migration);
  gauge("recording_queue_depth", "Recordings that wait or are being fetched", ledger.queue.depth);
  gauge("recording_queue_oldest_seconds", "Age of the oldest of them", ledger.queue.oldestAgeSeconds);
  gauge("quarantined_deliveries", "Deliveries that wait in quarantine, up to 10000", ledger.quarantined);
  gauge("worker_heartbeat_age_seconds", "Since the last sign of a worker", ledger.workerAgeSeconds);
  const latest = ledger.lastEventAt;
  gauge("last_event_timestamp_seconds", "When the last event was booked", latest && latest.getTime() / 1000);
}

function processGauges({ gauge, counter }: Sheet, readings: Readings): void {
  const queue = readings.writeQueue();
  gauge("write_queue_deliveries", "Deliveries that wait for a write", queue.deliveries);
  gauge("write_queue_characters", "Payload of those deliveries", queue.characters);
  gauge("write_queue_writing", "Deliveries that are being written", queue.writing);
  for (const { name, most, running, waiting, replaced } of readings.pools()) {
    const labels = { pool: name };
    gauge("pool_connections_limit", "Connections that a pool may have", most, labels);
    gauge("pool_queries", "Queries of a pool", running, { ...labels, state: "running" });
    gauge("pool_queries", "Queries of a pool", waiting, { ...labels, state: "waiting" });
    counter("pool_replaced_total", "Pools given up because the database was silent", replaced, labels);
  }
  for (const [verdict, count] of Object.entries(readings.uploads() ?? {})) {
    counter("upload_attempts_total", "Attempts to keep a recording, by verdict", count, { verdict });
  }
}

function sheetOver(registry: Registry): Sheet {
  const registers = [registry];
  const named = (name: string) => registry.getSingleMetric(PREFIX + name);
  return {
    gauge(name, help, value, labels = {}) {
      if (value === null) return;
      const there = named(name);
      const labelNames = Object.keys(labels);
      const gauge =
        there instanceof Gauge ? there : new Gauge({ name: PREFIX + name, help, labelNames, registers });
      gauge.set(labels, value);
    },
    counter(name, help, value, labels = {}) {
      const there = named(name);
      const labelNames = Object.keys(labels);
      const counter =
        there instanceof Counter ? there : new Counter({ name: PREFIX + name, help, labelNames, registers });
      counter.inc(labels, value);
    },
  };
}
