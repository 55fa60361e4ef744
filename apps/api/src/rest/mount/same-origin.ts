import type { Request } from "express";
import { ApiProblem } from "./api-problem.ts";

/**
 * Refuses a change that another site may have made a browser ask for with the cookie of its user. `publicUrl` is where
 * browsers reach the service if a proxy changes the Host. Throws ApiProblem.
 */
export function refuseOtherSites(req: Request, publicUrl: string | null): void {
  const site = req.headers["sec-fetch-site"];
  const { origin } = req.headers;
  // Browsers that say neither are older than the cookie's SameSite.
  const isOwn =
    site === undefined
      ? origin !== undefined && ownOrigins(req, publicUrl).has(origin)
      : site === "same-origin";
  if (!isOwn) throw CROSS_SITE;
}

/** Refuses what a browser says another site has asked for; programs say nothing. Throws ApiProblem. */
export function refuseToldByOtherSites(req: Request, publicUrl: string | null): void {
  if (req.headers["sec-fetch-site"] !== undefined || req.headers.origin !== undefined) {
    refuseOtherSites(req, publicUrl);
  }
}

/** Where the service is reached, as far as the request tells. */
export function originOf({ protocol, headers }: Request, publicUrl: string | null): string {
  return publicUrl ?? `${protocol}://${headers.host ?? "localhost"}`;
}

function ownOrigins(req: Request, publicUrl: string | null): ReadonlySet<string> {
  const asked = originOf(req, null);
  return new Set(publicUrl === null ? [asked] : [asked, new URL(publicUrl).origin]);
}

const CROSS_SITE = new ApiProblem("cross_site_request", {
  detail:
    "Changes with the cookie of a session have to come from a page of this service. Programs use an API key.",
});
