import type { AuthenticatedKey } from "@call-ledger/db/read";
import type { Scope } from "@call-ledger/domain";
import type { Request, RequestHandler } from "express";
import type { Reply } from "../http/reply.ts";
import { problem } from "../http/reply.ts";
import { traceOf } from "../http/request-trace.ts";
import { writeReply } from "../http/write-reply.ts";
import type { AccessPorts } from "./access-ports.ts";

/** Whoever asks, with a key that is an organization's. */
export type Caller = AuthenticatedKey & { readonly orgId: string };

const BEARER = /^bearer +(\S+) *$/i;

/** No key, one that is none, an unknown one and a revoked one get the same answer (RFC 6750, 3). */
const UNAUTHORIZED = problem(401, "Unauthorized", { "www-authenticate": 'Bearer realm="call-ledger"' });

/**
 * Answers reads (GET, HEAD) of whoever has a key with the scope, as its organization; the others are told what they
 * lack. `route` is the path's pattern, for the log.
 */
export function reading<Params>(
  { authenticate }: Pick<AccessPorts, "authenticate">,
  { route, scope }: { readonly route: string; readonly scope: Scope },
  answer: (caller: Caller, req: Request<Params>) => Promise<Reply>,
): RequestHandler<Params> {
  return async (req, res) => {
    const trace = traceOf(res);
    trace.route = route;
    if (req.method !== "GET" && req.method !== "HEAD") {
      return writeReply(res, problem(405, "Method Not Allowed", { allow: "GET, HEAD" }));
    }
    const [, key] = BEARER.exec(req.headers.authorization ?? "") ?? [];
    const found = key === undefined ? null : await authenticate(key);
    if (found === null) {
      trace.outcome = "refused";
      return writeReply(res, UNAUTHORIZED);
    }
    trace.key = found.id;
    const { orgId } = found;
    if (orgId === null || !found.scopes.includes(scope)) {
      trace.outcome = "forbidden";
      return writeReply(res, forbidden(scope, orgId === null));
    }
    writeReply(res, await answer({ ...found, orgId }, req));
  };
}

function forbidden(scope: Scope, isOperators: boolean): Reply {
  return problem(
    403,
    "Forbidden",
    {
      "www-authenticate": `Bearer realm="call-ledger", error="insufficient_scope", scope="${scope}"`,
    },
    {
      detail: isOperators
        ? "This key belongs to no organization: ask with one of the organization's."
        : `This key lacks the scope ${scope}: ask for one that has it.`,
    },
  );
}
