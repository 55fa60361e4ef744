import type { Request, Response } from "express";
import { MemoryStore, rateLimit } from "express-rate-limit";
import { ApiProblem } from "./api-problem.ts";

const WINDOW_MS = 60_000;
/** The max number of invalid credentials from one address in a minute. */
const MAX_REFUSED = 100;

/** Limits on the requests of one credential, and on the invalid credentials of one address, in this process. */
export type RequestLimits = {
  /** Counts a request of a credential and sets the RateLimit headers. Throws ApiProblem. */
  count(req: Request, res: Response, credential: string): Promise<void>;
  /** Throws ApiProblem if too many invalid credentials came from this address. */
  admit(address: string): Promise<void>;
  /** Counts an invalid credential from this address. */
  refused(address: string): Promise<void>;
};

/**
 * Counts requests by the minute, in the memory of this process. `maxRequests`: requests of one credential in a minute.
 */
export function requestLimits({ maxRequests }: { readonly maxRequests: number }): RequestLimits {
  const credentials = new WeakMap<Response, string>();
  const limiter = rateLimit({
    windowMs: WINDOW_MS,
    limit: maxRequests,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    identifier: "credential",
    keyGenerator: (_req, res) => credentials.get(res as Response) ?? "",
    handler: (_req, _res, next) =>
      next(
        new ApiProblem("too_many_requests", {
          detail: `A credential may send ${maxRequests} requests a minute. Wait for the seconds in Retry-After.`,
        }),
      ),
    validate: false,
  });
  const refusals = new MemoryStore();
  refusals.init({ windowMs: WINDOW_MS } as Parameters<MemoryStore["init"]>[0]);
  return {
    async count(req, res, credential) {
      credentials.set(res, credential);
      const { promise, resolve } = Promise.withResolvers<unknown>();
      await limiter(req, res, resolve);
      const error = await promise;
      if (error !== undefined) throw error;
    },
    async admit(address) {
      const seen = await refusals.get(address);
      if (seen === undefined || seen.totalHits < MAX_REFUSED) return;
      const seconds = Math.max(1, Math.ceil(((seen.resetTime?.getTime() ?? 0) - Date.now()) / 1000));
      throw new ApiProblem("too_many_requests", {
        detail:
          "Too many invalid credentials came from this address. Check the key, and wait for the seconds in Retry-After.",
        headers: { "retry-after": String(seconds) },
      });
    },
    async refused(address) {
      await refusals.increment(address);
    },
  };
}
