import type { Route } from "@call-ledger/contract/route";
import type { Scope } from "@call-ledger/domain";
import { isUuid } from "@call-ledger/domain";
import type { Request, Response } from "express";
import { traceOf } from "../../http/request-trace.ts";
import { senderAddress } from "../../http/sender-address.ts";
import { ApiProblem } from "./api-problem.ts";
import type { Caller } from "./caller.ts";
import type { ShownCredential } from "./credential.ts";
import { sessionCookie, shownCredential } from "./credential.ts";
import { queryParameter } from "./read-input.ts";
import type { RequestLimits } from "./request-limits.ts";
import { refuseIfOtherSite, refuseOtherSites } from "./same-origin.ts";

/** The caller that a credential belongs to; `isRenewed`: the session now ends later, so the cookie is sent again. */
type Authenticated = { readonly caller: Caller; readonly isRenewed: boolean };

export type AuthenticationPorts = {
  /** Checks a credential, at every request; `null`: it is not valid. Throws LedgerUnreadable. */
  authenticate(credential: ShownCredential): Promise<Authenticated | null>;
  /** Throws LedgerUnreadable. */
  organizationExists(orgId: string): Promise<boolean>;
  /** Counts an invalid credential. */
  refused(): void;
};

type AuthorizationPorts = {
  readonly authentication: AuthenticationPorts;
  readonly limits: RequestLimits;
  readonly publicUrl: string | null;
};

/**
 * Returns the caller, who has the right to use the route; `null`: the route needs no credential. A caller without the
 * right gets a problem that names the missing right. Throws ApiProblem and the errors of the ports.
 */
export async function authorize(
  route: Route,
  req: Request,
  res: Response,
  ports: AuthorizationPorts,
): Promise<{ readonly caller: Caller; readonly token: string } | null> {
  const address = senderAddress(req);
  if (route.access.who === "anyone") {
    await ports.limits.admit(address);
    await ports.limits.count(req, res, `address ${address}`);
    if (route.method !== "GET") refuseIfOtherSite(req, ports.publicUrl);
    return null;
  }
  const shown = shownCredential(req);
  const found = await authenticated(shown, address, req, ports);
  if (shown === null || found === null) throw unauthorized(req, shown);
  traceOf(res).key = found.caller.credentialId;
  await ports.limits.count(req, res, found.caller.credentialId);
  if (found.isRenewed) res.setHeader("set-cookie", sessionCookie(shown.token, req));
  if (shown.kind === "session" && route.method !== "GET") refuseOtherSites(req, ports.publicUrl);
  const caller = await inOrganization(found.caller, req.url, ports.authentication);
  refuseWithoutRight(route, caller);
  if (route.method !== "GET" && !caller.isOperator && caller.orgId !== null) {
    await ports.limits.countChange(caller.orgId);
  }
  return { caller, token: shown.token };
}

async function authenticated(
  shown: ShownCredential | null,
  address: string,
  req: Request,
  { authentication, limits }: AuthorizationPorts,
): Promise<Authenticated | null> {
  if (shown === null && req.headers.authorization === undefined) return null;
  await limits.admit(address);
  const found = shown === null ? null : await authentication.authenticate(shown);
  if (found !== null) return found;
  await limits.refused(address);
  authentication.refused();
  return null;
}

/** The caller with the organization that the request names. Only an operator may name another than the caller's own. */
async function inOrganization(caller: Caller, url: string, ports: AuthenticationPorts): Promise<Caller> {
  const named = queryParameter(url, "organization");
  if (named === null || named.toLowerCase() === caller.orgId) return caller;
  if (!caller.isOperator || !isUuid(named) || !(await ports.organizationExists(named))) {
    throw new ApiProblem("not_found", { detail: "There is no such organization." });
  }
  return { ...caller, orgId: named.toLowerCase() };
}

function refuseWithoutRight({ access }: Route, caller: Caller): void {
  if (access.who === "operator" && !caller.isOperator) {
    throw new ApiProblem("forbidden", { detail: "Only the operator of the service may use this route." });
  }
  if (access.who !== "organization") return;
  if (!caller.scopes.has(access.scope)) throw missingScope(access.scope, caller);
  if (caller.orgId === null) {
    const detail = "Name the organization: ?organization=ID. GET /api/v1/organizations lists all of them.";
    throw new ApiProblem("bad_request", { detail, errors: [{ field: "query.organization", detail }] });
  }
}

/** The answer to a caller that lacks a scope (RFC 6750, 3.1). */
export function missingScope(scope: Scope, { isSession }: Pick<Caller, "isSession">): ApiProblem {
  return new ApiProblem("missing_scope", {
    detail: isSession
      ? `Your role lacks the scope ${scope}. An admin of the organization can change it.`
      : `This key lacks the scope ${scope}. Use a key that has it.`,
    headers: {
      "www-authenticate": `Bearer realm="call-ledger", error="insufficient_scope", scope="${scope}"`,
    },
  });
}

/**
 * The answer to a request without a valid credential. Malformed, unknown and revoked keys get the same answer (RFC
 * 6750, 3.1).
 */
function unauthorized({ headers }: Pick<Request, "headers">, shown: ShownCredential | null): ApiProblem {
  const realm = 'Bearer realm="call-ledger"';
  if (shown?.kind === "session") {
    const detail = "The session has ended: it expired, or it was revoked. Sign in again.";
    return new ApiProblem("unauthorized", { detail, headers: { "www-authenticate": realm } });
  }
  if (headers.authorization === undefined || headers.authorization === "") {
    const detail = "Send an API key as Authorization: Bearer clk_…, or sign in.";
    return new ApiProblem("unauthorized", { detail, headers: { "www-authenticate": realm } });
  }
  const detail =
    "The API key is not valid: it is mistyped, unknown or revoked. Send a valid one as Authorization: Bearer clk_….";
  return new ApiProblem("unauthorized", {
    detail,
    headers: { "www-authenticate": `${realm}, error="invalid_token"` },
  });
}
