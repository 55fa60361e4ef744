import type { IngestPorts, IngestStep } from "@call-ledger/ingest";
import { ingestWebhook } from "@call-ledger/ingest";
import type { SignedRequest } from "@call-ledger/providers";
import { providerFor } from "@call-ledger/providers";
import type { Request, RequestHandler } from "express";
import { Router } from "express";
import { WEBHOOKS } from "../http/paths.ts";
import { problem } from "../http/reply.ts";
import { traceOf } from "../http/request-trace.ts";
import { writeReply } from "../http/write-reply.ts";
import { bodyOf, deliveryBody } from "./delivery-body.middleware.ts";
import { replyTo } from "./ingest-reply.ts";

type Endpoint = { readonly provider: string; readonly accountId?: string };

/**
 * `POST /<provider>` is the platform's account, `POST /<provider>/<account id>` another one.
 * A provider that nobody knows is no path here; an account that nobody knows is refused like a wrong signature.
 */
export function webhookRoutes(ports: IngestPorts, bodyLimitBytes: number): Router {
  const router = Router();
  const path = "/:provider{/:accountId}";

  const onlyPostToKnownProviders: RequestHandler<Endpoint> = (req, res, next) => {
    const { provider, accountId } = req.params;
    if (providerFor(provider) === null) return next("router");
    const trace = traceOf(res);
    trace.provider = provider;
    trace.route = `${WEBHOOKS}/${provider}${accountId === undefined ? "" : "/:accountId"}`;
    if (req.method === "POST") next();
    else writeReply(res, problem(405, "Method Not Allowed", { allow: "POST" }));
  };
  const receive: RequestHandler<Endpoint> = async (req, res, next) => {
    const { provider, accountId = null } = req.params;
    const adapter = providerFor(provider);
    if (adapter === null) return next("router");
    const trace = traceOf(res);
    const ended = (step: IngestStep) => {
      trace.ended[step] = performance.now();
    };
    const incoming = { adapter, accountId, request: signedRequest(req) };
    const ingested = await ingestWebhook(ports, incoming, ended);
    trace.outcome = ingested.outcome;
    if (ingested.outcome === "quarantined") trace.reason = ingested.reason;
    if (ingested.outcome !== "refused") {
      trace.type = ingested.type;
      trace.events = ingested.eventIds.length;
    }
    writeReply(res, replyTo(ingested));
  };

  router.all(path, onlyPostToKnownProviders, ...deliveryBody(bodyLimitBytes), receive);
  return router;
}

function signedRequest(req: Request<Endpoint>): SignedRequest {
  const headers: Record<string, string | undefined> = {};
  for (const name of Object.keys(req.headers)) {
    const value = req.headers[name];
    // Only set-cookie comes as a list, and it signs nothing.
    if (typeof value === "string") headers[name] = value;
  }
  return {
    method: req.method,
    url: `${req.protocol}://${req.headers.host ?? ""}${req.originalUrl}`,
    headers,
    body: bodyOf(req),
  };
}
