import { createHash, timingSafeEqual } from "node:crypto";
import type { RequestHandler } from "express";
import { problem } from "../http/reply.ts";
import { traceOf } from "../http/request-trace.ts";
import { writePage, writeReply } from "../http/write-reply.ts";

export type MetricsPorts = {
  /** What a scraper has to send as its bearer token. */
  readonly token: string;
  page(): Promise<{ readonly contentType: string; readonly text: string }>;
};

/** `GET /metrics` for Prometheus, with a token of its own. */
export function metricsRoute({ token, page }: MetricsPorts): RequestHandler {
  const expected = digestOf(`Bearer ${token}`);
  return async (req, res) => {
    traceOf(res).route = "/metrics";
    if (!timingSafeEqual(expected, digestOf(req.headers.authorization ?? ""))) {
      return writeReply(res, problem(401, "Unauthorized", { "www-authenticate": "Bearer" }));
    }
    if (req.method !== "GET" && req.method !== "HEAD") {
      return writeReply(res, problem(405, "Method Not Allowed", { allow: "GET, HEAD" }));
    }
    const { contentType, text } = await page();
    writePage(res, contentType, text);
  };
}

/** Of one length, whatever was sent, so that the comparison takes one time. */
function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
