import type { Config } from "@call-ledger/config";
import type { WriteSeen } from "@call-ledger/ingest";
import type { Log } from "@call-ledger/process";
import { errorFields } from "@call-ledger/process";
import { WEBHOOKS } from "../http/paths.ts";
import type { FinishedRequest } from "../http/request-trace.ts";
import { outcomeOf } from "../http/request-trace.ts";
import type { Meters } from "./meters.ts";
import { metersToCome, NO_METERS } from "./meters.ts";
import type { MetricsPorts } from "./metrics.route.ts";
import type { PrometheusMetrics } from "./prometheus.ts";
import type { Readings } from "./readings.ts";
import type { FinishedWork, Tracing } from "./tracing.ts";

/** The max number of values that are kept until the meters are loaded. */
const MAX_KEPT = 10_000;

export type Observation = {
  /** `null`: METRICS_TOKEN is not set, so nobody may scrape. */
  readonly metrics: MetricsPorts | null;
  finished(request: FinishedRequest): void;
  wrote(seen: WriteSeen): void;
  malformed: Meters["malformed"];
  refused: Meters["refused"];
  /** Loads the configured libraries. Until then none of them is in memory. */
  begin(readings: Readings): void;
  stop(graceMs: number): Promise<void>;
};

/**
 * The metrics and traces of this process: metrics if METRICS_TOKEN is set, traces if OTEL_EXPORTER_OTLP_ENDPOINT is.
 */
export function observation(config: Config, log: Log): Observation {
  const { METRICS_TOKEN: token, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = config;
  const coming = metersToCome(MAX_KEPT);
  const meters = token === null ? NO_METERS : coming.meters;
  let prometheus: Promise<PrometheusMetrics> | null = null;
  let tracing: Tracing | null = null;
  const notLoaded = (error: unknown) =>
    log.error(errorFields(error), "CRITICAL: the process is not observed");

  return {
    metrics:
      token === null
        ? null
        : { token, page: async () => (await prometheus)?.page() ?? { contentType: "text/plain", text: "" } },
    finished(request) {
      if (!request.trace.route.startsWith(WEBHOOKS)) return;
      meters.delivered(deliverySeen(request));
      tracing?.record(deliveryWork(request));
    },
    wrote: meters.wrote,
    malformed: meters.malformed,
    refused: meters.refused,
    begin(readings) {
      if (token !== null) {
        prometheus = import("./prometheus.ts").then((module) => module.prometheusMetrics(readings));
        prometheus.then((loaded) => coming.arrived(loaded.meters), notLoaded);
      }
      if (endpoint !== null) {
        import("./otlp.tracing.ts").then((module) => {
          tracing = module.otlpTracing(endpoint, readings.version);
        }, notLoaded);
      }
    },
    async stop(graceMs) {
      await tracing?.stop(graceMs);
    },
  };
}

function deliverySeen(request: FinishedRequest) {
  const { provider, type, reason } = request.trace;
  const seconds = (request.endedAt - request.startedAt) / 1000;
  const outcome = outcomeOf(request);
  return { provider, type, reason: outcome === "quarantined" ? reason : undefined, outcome, seconds };
}

function deliveryWork(request: FinishedRequest): FinishedWork {
  const { trace, status, startedAt, endedAt } = request;
  let since = startedAt;
  const parts = (["verify", "read", "book"] as const).flatMap((step): FinishedWork[] => {
    const until = trace.ended[step];
    if (until === undefined) return [];
    const part = { name: step, startedAt: since, endedAt: until, attributes: {}, failed: false, parts: [] };
    since = until;
    return [part];
  });
  const outcome = outcomeOf(request);
  return {
    name: `POST ${trace.route}`,
    startedAt,
    endedAt,
    attributes: {
      "http.route": trace.route,
      ...(status === null ? {} : { "http.response.status_code": status }),
      "call_ledger.outcome": outcome,
      "call_ledger.request_id": trace.id,
      ...(trace.events === undefined ? {} : { "call_ledger.events": trace.events }),
    },
    failed: status === null || status >= 500,
    parts,
  };
}
