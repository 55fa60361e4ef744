import type { Route } from "@call-ledger/contract/route";
import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import { Router } from "express";
import type { RequestBodies } from "../../http/request-body.ts";
import { traceOf } from "../../http/request-trace.ts";
import { senderAddress } from "../../http/sender-address.ts";
import { writeReply } from "../../http/write-reply.ts";
import { ApiProblem, problemReply } from "./api-problem.ts";
import type { AuthenticationPorts } from "./authorize.ts";
import { authorize } from "./authorize.ts";
import type { AnyHandler } from "./handler.ts";
import type { IdempotencyPorts } from "./idempotency.ts";
import { idempotencyKey, requestHash, runOnce } from "./idempotency.ts";
import { largeAnswers } from "./large-answers.ts";
import { readInput } from "./read-input.ts";
import type { RequestLimits } from "./request-limits.ts";
import { originOf } from "./same-origin.ts";
import { answerText, sendText } from "./send-answer.ts";

/** The path before those of the contract. */
export const API = "/api/v1";
const JSON_TYPE = "application/json";

export type MountPorts = {
  readonly authentication: AuthenticationPorts;
  readonly limits: RequestLimits;
  readonly idempotency: IdempotencyPorts;
  readonly bodies: Pick<RequestBodies, "of">;
  /** Scheme and host at which browsers reach the service; `null`: those of the request. */
  readonly publicUrl: string | null;
  /** For tests: an answer that does not match the contract is an error. */
  readonly checksAnswers: boolean;
};

type AnswerPorts = MountPorts & { readonly large: ReturnType<typeof largeAnswers> };

/** A route of the contract with its handler. */
type MountedRoute = { readonly id: string; readonly route: Route; readonly handler: AnyHandler };

/**
 * Mounts routes of the contract with their handlers. Rights, input and answer of a route follow from the contract's
 * table.
 */
export function mountRoutes(routes: readonly MountedRoute[], ports: MountPorts): Router {
  const router = Router();
  const large = largeAnswers();
  const paths = Map.groupBy(routes, ({ route }) => route.path);
  for (const path of [...paths.keys()].toSorted(literalsFirst)) {
    const pattern = path.replaceAll(/\{(\w+)\}/g, ":$1").replaceAll(".", "\\.");
    const own = paths.get(path) ?? [];
    const others = own.flatMap(({ route }) => routes.filter(({ id }) => id === route.alternative));
    router.all(pattern, answering(path, own, others, { ...ports, large }));
  }
  router.use((_req, res) => {
    const detail = "There is no such path. /api/v1/openapi.json lists all paths.";
    writeReply(res, problemReply(new ApiProblem("not_found", { detail }), traceOf(res).id));
  });
  router.use(refuseUndecodable);
  return router;
}

/** Refuses a path that cannot be decoded. The router throws that error before it finds a route. */
const refuseUndecodable: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (!(error instanceof URIError) || Reflect.get(error, "status") !== 400) return next(error);
  const trace = traceOf(res);
  trace.outcome = "bad_request";
  const detail = "The path cannot be decoded. Encode it as percent-encoded UTF-8.";
  writeReply(res, problemReply(new ApiProblem("bad_request", { detail }), trace.id));
};

/** Sorts literal paths before parameters: `/calls/stream` before `/calls/{call}`. */
function literalsFirst(one: string, other: string): number {
  const rank = (path: string) => path.replaceAll(/\{\w+\}/g, "~");
  return rank(one) < rank(other) ? -1 : 1;
}

/** Answers a path. `alternatives` are routes that answer instead if the client prefers their media type. */
function answering(
  path: string,
  routes: readonly MountedRoute[],
  alternatives: readonly MountedRoute[],
  ports: AnswerPorts,
): RequestHandler {
  const methods = routes.flatMap(({ route: { method } }) => (method === "GET" ? [method, "HEAD"] : [method]));
  return async (req, res) => {
    const trace = traceOf(res);
    trace.route = `${API}${path}`;
    try {
      const method = req.method === "HEAD" ? "GET" : req.method;
      const mounted = routes.find(({ route }) => route.method === method);
      if (mounted === undefined) {
        const detail = `The path answers ${methods.join(", ")}.`;
        throw new ApiProblem("method_not_allowed", { detail, headers: { allow: methods.join(", ") } });
      }
      await answer(preferred(mounted, alternatives, req, res), req, res, ports);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      trace.outcome ??= error.code;
      writeReply(res, problemReply(error, trace.id));
    }
  };
}

/** A route or its alternative, by the client's Accept. Throws ApiProblem if it accepts neither. */
function preferred(
  mounted: MountedRoute,
  alternatives: readonly MountedRoute[],
  req: Request,
  res: Response,
): MountedRoute {
  const other = alternatives.find(({ id }) => id === mounted.route.alternative);
  if (other === undefined) return mounted;
  res.vary("accept");
  const types = [mounted, other].map(({ route }) => route.mediaType ?? JSON_TYPE);
  const accepted = req.accepts(types.flatMap((type) => [type, `${type};charset=utf-8`]));
  if (accepted === false) {
    throw new ApiProblem("not_acceptable", { detail: `The path answers ${types.join(" or ")}. Accept one.` });
  }
  return accepted.startsWith(other.route.mediaType ?? JSON_TYPE) ? other : mounted;
}

async function answer(mounted: MountedRoute, req: Request, res: Response, ports: AnswerPorts): Promise<void> {
  const { route } = mounted;
  const authorized = await authorize(route, req, res, ports);
  const key = route.method === "POST" && authorized !== null ? idempotencyKey(req) : null;
  const input = await readInput(route, req, ports.bodies, authorized?.caller.credentialId ?? null);
  const make = () => handle(mounted, { req, res, authorized, key, input }, ports);
  if (route.takesTurns === undefined) return make();
  const address = `address ${senderAddress(req)}`;
  const owner = authorized === null ? address : (authorized.caller.orgId ?? "operator");
  await ports.large[route.takesTurns].inTurn(owner, res, make);
}

type Admitted = {
  readonly req: Request;
  readonly res: Response;
  readonly authorized: Awaited<ReturnType<typeof authorize>>;
  /** The Idempotency-Key. */
  readonly key: string | null;
  readonly input: Awaited<ReturnType<typeof readInput>>;
};

/** Runs the handler of a request that may be answered, and sends its answer. */
async function handle(
  mounted: MountedRoute,
  { req, res, authorized, key, input }: Admitted,
  ports: MountPorts,
): Promise<void> {
  const { route, handler } = mounted;
  const request = {
    ...input,
    caller: authorized?.caller ?? null,
    address: senderAddress(req),
    userAgent: req.headers["user-agent"] ?? null,
    origin: originOf(req, ports.publicUrl),
    isSecure: req.secure,
    setHeader: (name: string, value: string) => void res.setHeader(name, value),
  };
  if (route.mediaType !== undefined) {
    if (req.method !== "HEAD") return void (await handler(request as never, res));
    // HEAD gets only the headers: a stream does not end, so its connection could not be used again.
    res.writeHead(200, { "content-type": route.mediaType }).end();
    return;
  }
  const run = async () => answerText(mounted, await handler(request as never, res), ports);
  if (key === null || authorized === null) return sendText(req, res, await run());
  const { caller, token } = authorized;
  const hash = requestHash(req.method, req.originalUrl, input.body);
  const { isReplayed, ...reply } = await runOnce(
    ports.idempotency,
    { caller, token, key, requestHash: hash },
    run,
  );
  if (isReplayed) res.setHeader("idempotent-replayed", "true");
  sendText(req, res, reply);
}
