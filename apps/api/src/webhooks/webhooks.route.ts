import type { IngestPorts, IngestStep } from "@call-ledger/ingest";
import { ingestWebhook } from "@call-ledger/ingest";
import type { RequestHead } from "@call-ledger/providers";
import { PROVIDERS, providerFor } from "@call-ledger/providers";
import type { Request, RequestHandler } from "express";
import { Router } from "express";
import { WEBHOOKS } from "../http/paths.ts";
import { problem } from "../http/reply.ts";
import type { RequestBodies } from "../http/request-body.ts";
import { traceOf } from "../http/request-trace.ts";
import { writeReply } from "../http/write-reply.ts";
import { replyTo } from "./ingest-reply.ts";

type Endpoint = { readonly provider: string; readonly accountId?: string };

/**
 * `POST /<provider>` receives deliveries to the platform's account, `POST /<provider>/<account id>` to another account.
 * The path of an unknown provider gets 404. A delivery to an unknown account is refused like one with a wrong
 * signature.
 */
export function webhookRoutes(ports: IngestPorts, bodies: RequestBodies, publicUrl: string | null): Router {
  const router = Router();
  const receive: RequestHandler<Endpoint> = async (req, res, next) => {
    const { provider, accountId = null } = req.params;
    const adapter = providerFor(provider);
    if (adapter === null) return next("router");
    const trace = traceOf(res);
    trace.provider = provider;
    trace.route = `${WEBHOOKS}/${provider}${accountId === null ? "" : "/:accountId"}`;
    if (req.method !== "POST") return writeReply(res, problem(405, "Method Not Allowed", { allow: "POST" }));
    const ended = (step: IngestStep) => {
      trace.ended[step] = performance.now();
    };
    trace.bytes = lengthIn(req.headers["content-length"]);
    const body = bodies.of(req);
    const incoming = { adapter, accountId, head: headOf(req, publicUrl), body };
    const ingested = await ingestWebhook(ports, incoming, ended).finally(body.release);
    trace.outcome = ingested.outcome;
    trace.account = ingested.accountId ?? undefined;
    if (ingested.outcome === "quarantined") trace.reason = ingested.reason;
    if (ingested.outcome === "refused") trace.reason = ingested.because;
    else {
      trace.type = ingested.type;
      trace.call = ingested.providerCallId;
      trace.events = ingested.eventIds.length;
      trace.event = ingested.eventIds[0] ?? null;
    }
    writeReply(res, replyTo(ingested));
  };

  router.all("/:provider{/:accountId}", receive);
  return router;
}

/**
 * Refuses what looks like a delivery and has come to a path that receives none, and takes note of it, so that people
 * see a wrong server URL. The body is not read.
 */
export function refuseMisdirected(publicUrl: string | null): RequestHandler {
  return (req, res, next) => {
    if (req.method !== "POST") return next();
    const head = headOf(req, publicUrl);
    const sender = PROVIDERS.find(({ decoy }) => decoy.isShownIn(head));
    if (sender === undefined) return next();
    const path = `${WEBHOOKS}/${sender.provider}`;
    const detail = `This path receives no deliveries. Their path is ${path}, or ${path}/<account id> if the account has one.`;
    Object.assign(traceOf(res), {
      provider: sender.provider,
      route: `${WEBHOOKS}/:wrong`,
      outcome: "refused",
      reason: "wrong_path",
      bytes: lengthIn(req.headers["content-length"]),
    });
    writeReply(res, problem(404, "Not Found", {}, { detail }));
  };
}

function lengthIn(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,12}$/.test(header) ? Number(header) : null;
}

/** Without `publicUrl` the URL has the host of the Host header, which a tunnel or a proxy may have replaced. */
function headOf(req: Request, publicUrl: string | null): RequestHead {
  const headers: Record<string, string | undefined> = {};
  for (const name of Object.keys(req.headers)) {
    const value = req.headers[name];
    // Only set-cookie comes as a list, and it signs nothing.
    if (typeof value === "string") headers[name] = value;
  }
  return {
    method: req.method,
    url: `${publicUrl?.replace(/\/+$/, "") ?? `${req.protocol}://${req.headers.host ?? ""}`}${req.originalUrl}`,
    headers,
  };
}
