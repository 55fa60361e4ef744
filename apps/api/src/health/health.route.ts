import type { HealthStatus } from "@call-ledger/contract/health";
import type { RequestHandler } from "express";
import { Router } from "express";
import type { Reply } from "../http/reply.ts";
import { problem } from "../http/reply.ts";
import { traceOf } from "../http/request-trace.ts";
import { writeReply } from "../http/write-reply.ts";
import type { Readiness } from "./readiness.ts";
import { unreadiness } from "./readiness.ts";

export type HealthPorts = {
  /** Answers in less than half a second, whatever the database does; never throws. */
  report(): Promise<HealthStatus>;
  readonly readiness: Readiness;
};

/** `/`: the state of everything. `/live`: the process answers. `/ready`: deliveries may be sent here. */
export function healthRoutes({ report, readiness }: HealthPorts): Router {
  const router = Router();
  router.all(
    "/",
    answering("/health", async () => healthReply(await report())),
  );
  router.all(
    "/live",
    answering("/health/live", async () => ({ status: 200, body: { status: "live" } })),
  );
  router.all(
    "/ready",
    answering("/health/ready", async () => readinessReply(readiness)),
  );
  return router;
}

function healthReply(report: HealthStatus): Reply {
  return { status: report.services.database ? 200 : 503, body: report };
}

function readinessReply(readiness: Readiness): Reply {
  const reason = unreadiness(readiness);
  if (reason === null) return { status: 200, body: { status: "ready" } };
  return { status: 503, body: { status: "not ready", reason } };
}

function answering(route: string, reply: () => Promise<Reply>): RequestHandler {
  return async (req, res) => {
    traceOf(res).route = route;
    const isRead = req.method === "GET" || req.method === "HEAD";
    writeReply(res, isRead ? await reply() : problem(405, "Method Not Allowed", { allow: "GET, HEAD" }));
  };
}
