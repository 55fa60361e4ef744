import type { IngestPorts } from "@call-ledger/ingest";
import type { Alert, Log } from "@call-ledger/process";
import type { Express, RequestHandler } from "express";
import express from "express";
import type { ConsolePorts } from "../console/console.route.ts";
import { consoleRoutes } from "../console/console.route.ts";
import type { HealthPorts } from "../health/health.route.ts";
import { healthRoutes } from "../health/health.route.ts";
import { headRefusal } from "../http/parser-errors.ts";
import { WEBHOOKS } from "../http/paths.ts";
import { problem } from "../http/reply.ts";
import type { RequestBodies } from "../http/request-body.ts";
import { requestLog } from "../http/request-log.middleware.ts";
import type { FinishedRequest } from "../http/request-trace.ts";
import { traceOf } from "../http/request-trace.ts";
import { standingHeaders } from "../http/standing-headers.middleware.ts";
import { limitUnreadBodies } from "../http/unread-bodies.ts";
import { writeReply } from "../http/write-reply.ts";
import type { MetricsPorts } from "../observability/metrics.route.ts";
import { metricsRoute } from "../observability/metrics.route.ts";
import { ApiProblem, problemReply } from "../rest/mount/api-problem.ts";
import { API } from "../rest/mount/mount-routes.ts";
import type { RecordingFiles } from "../rest/recordings/recording-files.route.ts";
import { RECORDING_FILES_PATH, recordingFileRoutes } from "../rest/recordings/recording-files.route.ts";
import { refuseMisdirected, webhookRoutes } from "../webhooks/webhooks.route.ts";
import { errorHandler } from "./error.middleware.ts";

export type AppPorts = {
  readonly ingest: IngestPorts;
  /** The routes of the REST API. */
  readonly api: RequestHandler;
  /** `null`: the bucket sends the recordings, not this server. */
  readonly files: RecordingFiles | null;
  readonly health: HealthPorts;
  /** `null`: nobody may scrape. */
  readonly metrics: MetricsPorts | null;
  readonly console: ConsolePorts;
  finished(request: FinishedRequest): void;
  readonly bodies: RequestBodies;
  /** The URL at which senders reach the server; `null`: scheme and host of the request. */
  readonly publicUrl: string | null;
  readonly log: Log;
  readonly alert: Alert;
  newRequestId(): string;
};

/** Answers paths of the API that no route has, such as those of another version. */
const refuseOtherVersions: RequestHandler = (_req, res) => {
  const detail = `There is no such path. The API is at ${API}, and ${API}/openapi.json lists its paths.`;
  writeReply(res, problemReply(new ApiProblem("not_found", { detail }), traceOf(res).id));
};

/** All HTTP handlers, in the order in which a request passes them. */
export function createApp(ports: AppPorts): Express {
  const { ingest, api, files, health, metrics, console, bodies, publicUrl, log, alert } = ports;
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", false);
  // Trust one hop, the platform's proxy. It names the sender's scheme, which is a part of signatures over the URL.
  app.set("trust proxy", 1);

  app.use(requestLog(log, ports.newRequestId, ports.finished));
  app.use(standingHeaders);
  app.use(limitUnreadBodies());
  app.use((_req, res, next) => {
    const refusal = headRefusal(res);
    if (refusal === null) next();
    else writeReply(res, refusal);
  });
  app.use("/health", healthRoutes(health));
  app.use(WEBHOOKS, webhookRoutes(ingest, bodies, publicUrl));
  app.use(API, api);
  app.use(/^\/api\/v\d/, refuseOtherVersions);
  if (files !== null) app.use(RECORDING_FILES_PATH, recordingFileRoutes(files));
  if (metrics !== null) app.all("/metrics", metricsRoute(metrics));
  app.use(refuseMisdirected(publicUrl));
  app.use("/api", refuseOtherVersions);
  app.use(consoleRoutes(console));
  app.use((_req, res) => writeReply(res, problem(404, "Not Found")));
  app.use(errorHandler(alert));
  return app;
}
