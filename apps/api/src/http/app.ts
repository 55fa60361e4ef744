import type { Express } from "express";
import express from "express";
import type { AccessPorts } from "../access/access-ports.ts";
import type { IngestPorts } from "../ingest/ingest-ports.ts";
import type { Alert } from "../log/alert.ts";
import type { Log } from "../log/log.ts";
import { callRecordingRoutes } from "./call-recording.route.ts";
import { errorHandler } from "./error.middleware.ts";
import type { HealthPorts } from "./health.route.ts";
import { healthRoutes } from "./health.route.ts";
import type { MetricsPorts } from "./metrics.route.ts";
import { metricsRoute } from "./metrics.route.ts";
import type { RecordingFiles } from "./recording-files.route.ts";
import { RECORDING_FILES_PATH, recordingFileRoutes } from "./recording-files.route.ts";
import { problem } from "./reply.ts";
import { requestLog } from "./request-log.middleware.ts";
import type { FinishedRequest } from "./request-trace.ts";
import { standingHeaders } from "./standing-headers.middleware.ts";
import { WEBHOOKS, webhookRoutes } from "./webhooks.route.ts";
import { writeReply } from "./write-reply.ts";

export type AppPorts = {
  readonly ingest: IngestPorts;
  readonly access: AccessPorts;
  /** `null`: recordings are handed out by the storage itself. */
  readonly files: RecordingFiles | null;
  readonly health: HealthPorts;
  /** `null`: nobody may scrape. */
  readonly metrics: MetricsPorts | null;
  finished(request: FinishedRequest): void;
  readonly bodyLimitBytes: number;
  readonly log: Log;
  readonly alert: Alert;
  newRequestId(): string;
};

/** The whole of HTTP, in the order that a request passes it. */
export function createApp(ports: AppPorts): Express {
  const { ingest, access, files, health, metrics, bodyLimitBytes, log, alert } = ports;
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", false);
  // One hop, the platform's own proxy: it says which scheme the sender used, which a signature over the URL covers.
  app.set("trust proxy", 1);

  app.use(requestLog(log, ports.newRequestId, ports.finished));
  app.use(standingHeaders);
  app.use("/health", healthRoutes(health));
  app.use(WEBHOOKS, webhookRoutes(ingest, bodyLimitBytes));
  app.use("/api/v1/calls", callRecordingRoutes(access));
  if (files !== null) app.use(RECORDING_FILES_PATH, recordingFileRoutes(files));
  if (metrics !== null) app.all("/metrics", metricsRoute(metrics));
  app.use((_req, res) => writeReply(res, problem(404, "Not Found")));
  app.use(errorHandler(alert));
  return app;
}
