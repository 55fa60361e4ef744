import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";
import { labelsWithin } from "./bounded-labels.ts";
import type { Meters } from "./meters.ts";
import { PREFIX } from "./metric-names.ts";
import { registerReadings } from "./reading-gauges.ts";
import type { Readings } from "./readings.ts";

/** Providers may name any number of kinds of deliveries, but a page of metrics must stay small. */
const MAX_TYPES = 60;
const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const BATCH_BUCKETS = [1, 2, 5, 10, 20, 50, 100];

export type PrometheusMetrics = {
  readonly meters: Meters;
  /** The page, in the text format 0.0.4. */
  page(): Promise<{ readonly contentType: string; readonly text: string }>;
};

/** The metrics of this process. Those from the database are read at each scrape, and left out if it does not answer. */
export function prometheusMetrics(readings: Readings): PrometheusMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: PREFIX });
  const meters = metersIn(registry);
  registerReadings(registry, readings);
  return {
    meters,
    page: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

function metersIn(registry: Registry): Meters {
  const registers = [registry];
  const deliveries = new Counter({
    name: `${PREFIX}deliveries_total`,
    help: "Requests to a webhook endpoint, by provider, type and outcome",
    labelNames: ["provider", "type", "outcome"] as const,
    registers,
  });
  const quarantined = new Counter({
    name: `${PREFIX}quarantined_total`,
    help: "Deliveries that could not be booked, by reason",
    labelNames: ["provider", "reason"] as const,
    registers,
  });
  const latency = new Histogram({
    name: `${PREFIX}delivery_seconds`,
    help: "From the first byte of a delivery to its acknowledgement",
    labelNames: ["outcome"] as const,
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const batches = new Histogram({
    name: `${PREFIX}batch_deliveries`,
    help: "Deliveries in one write",
    buckets: BATCH_BUCKETS,
    registers,
  });
  const writes = new Histogram({
    name: `${PREFIX}write_seconds`,
    help: "Duration of one write of a batch, including its commit",
    labelNames: ["result"] as const,
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const malformed = new Counter({
    name: `${PREFIX}malformed_requests_total`,
    help: "Requests that are not valid HTTP, by the status of the answer",
    labelNames: ["status"] as const,
    registers,
  });
  const refused = new Counter({
    name: `${PREFIX}refused_credentials_total`,
    help: "Invalid API keys and sessions of the REST API",
    registers,
  });
  // A counter must exist with 0 before its first increase; otherwise Prometheus cannot see that increase.
  for (const status of [400, 408, 413, 431]) malformed.inc({ status }, 0);
  const typeLabel = labelsWithin(MAX_TYPES);

  return {
    delivered({ provider = "unknown", type, outcome, reason, seconds }) {
      deliveries.inc({ provider, type: type === undefined ? "none" : typeLabel(type), outcome });
      if (reason !== undefined) quarantined.inc({ provider, reason });
      latency.observe({ outcome }, seconds);
    },
    malformed: (status) => malformed.inc({ status }),
    refused: () => refused.inc(),
    wrote({ deliveries: count, seconds, failure }) {
      batches.observe(count);
      writes.observe({ result: failure === null ? "committed" : "failed" }, seconds);
    },
  };
}
