import { setTimeout as sleep } from "node:timers/promises";
import type { Context, Tracer } from "@opentelemetry/api";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { FinishedWork, Tracing } from "./tracing.ts";

const EXPORT_MS = 5_000;

/**
 * Sends traces over OTLP/HTTP as JSON to `/v1/traces` below the endpoint. Spans are sent in batches in the background.
 * If the collector does not answer, spans are lost and nothing else. Trace headers of senders are ignored, because
 * senders are strangers.
 */
export function otlpTracing(endpoint: string, version: string): Tracing {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, "")}/v1/traces`,
    timeoutMillis: EXPORT_MS,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "call-ledger", "service.version": version }),
    spanProcessors: [new BatchSpanProcessor({ exporter, exportTimeoutMillis: EXPORT_MS })],
  });
  const tracer = provider.getTracer("call-ledger", version);
  return {
    record: (work) => recordIn(tracer, work, ROOT_CONTEXT, SpanKind.SERVER),
    async stop(graceMs) {
      const grace = sleep(graceMs, undefined, { ref: false });
      await Promise.race([provider.shutdown().catch(() => undefined), grace]);
    },
  };
}

function recordIn(tracer: Tracer, work: FinishedWork, parent: Context, kind: SpanKind): void {
  const span = tracer.startSpan(
    work.name,
    { kind, startTime: epochMs(work.startedAt), attributes: work.attributes },
    parent,
  );
  if (work.failed) span.setStatus({ code: SpanStatusCode.ERROR });
  const within = trace.setSpan(parent, span);
  for (const part of work.parts) recordIn(tracer, part, within, SpanKind.INTERNAL);
  span.end(epochMs(work.endedAt));
}

function epochMs(sinceStart: number): number {
  return performance.timeOrigin + sinceStart;
}
