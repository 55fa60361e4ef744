import type { IngestPorts, IngestStep } from "@call-ledger/ingest";
import { ingestWebhook } from "@call-ledger/ingest";
import type { ProviderAdapter, SignedRequest } from "@call-ledger/providers";
import type { Request, RequestHandler } from "express";
import { Router } from "express";
import { WEBHOOKS } from "../http/paths.ts";
import { problem } from "../http/reply.ts";
import { traceOf } from "../http/request-trace.ts";
import { writeReply } from "../http/write-reply.ts";
import { deliveryBody, takeBody } from "./delivery-body.middleware.ts";
import { replyTo } from "./ingest-reply.ts";

type Endpoint = { readonly provider: string; readonly accountId?: string };

/**
 * `POST /<provider>` is the platform's account, `POST /<provider>/<account id>` another one.
 * A provider that nobody knows is no path here; an account that nobody knows is refused like a wrong signature.
 */
export function webhookRoutes(ports: IngestPorts, bodyLimitBytes: number): Router {
  const router = Router();
  const path = "/:provider{/:accountId}";

  const onlyKnownProviders: RequestHandler<Endpoint> = (req, res, next) => {
    const { provider, accountId } = req.params;
    if (ports.adapterOf(provider) === null) return next("router");
    const trace = traceOf(res);
    trace.provider = provider;
    trace.route = `${WEBHOOKS}/${provider}${accountId === undefined ? "" : "/:accountId"}`;
    next();
  };
  const onlyPost: RequestHandler<Endpoint> = (req, res, next) => {
    if (req.method === "POST") next();
    else writeReply(res, problem(405, "Method Not Allowed", { allow: "POST" }));
  };
  // A function of its own, whose frame does not keep the body until the database has answered.
  const ingest = (
    adapter: ProviderAdapter,
    accountId: string | null,
    req: Request<Endpoint>,
    ended: (step: IngestStep) => void,
  ) => ingestWebhook(ports, { adapter, accountId, request: signedRequest(req) }, ended);
  const receive: RequestHandler<Endpoint> = async (req, res, next) => {
    const { provider, accountId = null } = req.params;
    const adapter = ports.adapterOf(provider);
    if (adapter === null) return next("router");
    const trace = traceOf(res);
    const ended = (step: IngestStep) => {
      trace.ended[step] = performance.now();
    };
    const ingested = await ingest(adapter, accountId, req, ended);
    trace.outcome = ingested.outcome;
    if (ingested.outcome === "quarantined") trace.reason = ingested.reason;
    if (ingested.outcome !== "refused") {
      trace.type = ingested.type;
      trace.events = ingested.eventIds.length;
    }
    writeReply(res, replyTo(ingested));
  };

  router.all(path, onlyKnownProviders, onlyPost, ...deliveryBody(bodyLimitBytes), receive);
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
    body: takeBody(req),
  };
}
