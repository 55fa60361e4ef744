import type { Request } from "express";
import { ApiProblem } from "./api-problem.ts";

/**
 * Refuses a change that a page of another site may have sent with the user's cookie. `publicUrl` is the URL at which
 * browsers reach the service, in case a proxy changes the Host header. Throws ApiProblem.
 */
export function refuseOtherSites(req: Request, publicUrl: string | null): void {
  const site = req.headers["sec-fetch-site"];
  const { origin } = req.headers;
  // A browser that sends neither header is older than SameSite cookies, so its request is refused.
  const isOwn =
    site === undefined
      ? origin !== undefined && ownOrigins(req, publicUrl).has(origin)
      : site === "same-origin";
  if (!isOwn) throw CROSS_SITE;
}

/** Refuses a request if its headers name another site. Programs send no such headers. Throws ApiProblem. */
export function refuseIfOtherSite(req: Request, publicUrl: string | null): void {
  if (req.headers["sec-fetch-site"] !== undefined || req.headers.origin !== undefined) {
    refuseOtherSites(req, publicUrl);
  }
}

/** Scheme and host at which clients reach the service; without `publicUrl` those of the request. */
export function originOf({ protocol, headers }: Request, publicUrl: string | null): string {
  return publicUrl ?? `${protocol}://${headers.host ?? "localhost"}`;
}

function ownOrigins(req: Request, publicUrl: string | null): ReadonlySet<string> {
  const requested = originOf(req, null);
  return new Set(publicUrl === null ? [requested] : [requested, new URL(publicUrl).origin]);
}

const CROSS_SITE = new ApiProblem("cross_site_request", {
  detail: "Changes with a session cookie have to come from a page of this service. Programs use an API key.",
});
