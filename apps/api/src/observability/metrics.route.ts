import type { RequestHandler } from "express";
import { bearerToken } from "../http/bearer-token.ts";
import { problem } from "../http/reply.ts";
import { traceOf } from "../http/request-trace.ts";
import { writePage, writeReply } from "../http/write-reply.ts";

export type MetricsPorts = {
  /** The bearer token of a scraper. */
  readonly token: string;
  page(): Promise<{ readonly contentType: string; readonly text: string }>;
};

/** `GET /metrics` for Prometheus, with a token of its own. */
export function metricsRoute({ token, page }: MetricsPorts): RequestHandler {
  const mayRead = bearerToken(token);
  return async (req, res) => {
    traceOf(res).route = "/metrics";
    if (!mayRead(req)) {
      return writeReply(res, problem(401, "Unauthorized", { "www-authenticate": "Bearer" }));
    }
    if (req.method !== "GET" && req.method !== "HEAD") {
      return writeReply(res, problem(405, "Method Not Allowed", { allow: "GET, HEAD" }));
    }
    const { contentType, text } = await page();
    writePage(res, contentType, text);
  };
}
