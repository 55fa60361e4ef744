import type { HealthStatus, PublicHealth } from "@call-ledger/contract/health";
import type { Request, RequestHandler } from "express";
import { Router } from "express";
import { bearerToken } from "../http/bearer-token.ts";
import type { Reply } from "../http/reply.ts";
import { problem } from "../http/reply.ts";
import { traceOf } from "../http/request-trace.ts";
import { writeReply } from "../http/write-reply.ts";
import { publicHealth } from "./health-status.ts";
import type { Readiness } from "./readiness.ts";
import { unreadiness } from "./readiness.ts";

export type HealthPorts = {
  /** Answers in less than half a second, whatever the database does; never throws. */
  answer(): Promise<HealthStatus>;
  readonly readiness: Readiness;
  /** The bearer token that a caller needs to see the full answer; `null`: nobody sees it. */
  readonly token: string | null;
};

/**
 * `/`: the state of the service; without the token only the part that says nothing about calls.
 * `/live`: the process answers. `/ready`: deliveries may be sent to this process.
 */
export function healthRoutes({ answer, readiness, token }: HealthPorts): Router {
  const maySeeAll = bearerToken(token);
  const router = Router();
  router.all(
    "/",
    answering("/health", async (req) => {
      const all = await answer();
      return healthReply(maySeeAll(req) ? all : publicHealth(all));
    }),
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

function healthReply(answer: PublicHealth): Reply {
  return { status: answer.services.database ? 200 : 503, body: answer };
}

function readinessReply(readiness: Readiness): Reply {
  const reason = unreadiness(readiness);
  if (reason === null) return { status: 200, body: { status: "ready" } };
  return { status: 503, body: { status: "not ready", reason } };
}

function answering(route: string, reply: (req: Request) => Promise<Reply>): RequestHandler {
  return async (req, res) => {
    traceOf(res).route = route;
    const isRead = req.method === "GET" || req.method === "HEAD";
    writeReply(res, isRead ? await reply(req) : problem(405, "Method Not Allowed", { allow: "GET, HEAD" }));
  };
}
