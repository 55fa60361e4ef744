import type { Request, Response } from "express";
import { MemoryStore, rateLimit } from "express-rate-limit";
import { ApiProblem } from "./api-problem.ts";

const WINDOW_MS = 60_000;
/** The max number of invalid credentials from one address in a minute. */
const MAX_REFUSED = 100;

/**
 * Limits on the requests of one credential, on the changes of one organization, and on the invalid credentials of one
 * address, in this process.
 */
export type RequestLimits = {
  /** Counts a request of a credential and sets the RateLimit headers. Throws ApiProblem. */
  count(req: Request, res: Response, credential: string): Promise<void>;
  /** Counts a change of an organization, by whichever of its credentials. Throws ApiProblem. */
  countChange(orgId: string): Promise<void>;
  /** Throws ApiProblem if too many invalid credentials came from this address. */
  admit(address: string): Promise<void>;
  /** Counts an invalid credential from this address. */
  refused(address: string): Promise<void>;
};

/**
 * Counts requests by the minute, in the memory of this process. `maxRequests`: requests of one credential in a minute,
 * and changes of one organization, which can make any number of keys.
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
  const refusals = storeOfMinutes();
  const changes = storeOfMinutes();
  return {
    async count(req, res, credential) {
      credentials.set(res, credential);
      const { promise, resolve } = Promise.withResolvers<unknown>();
      await limiter(req, res, resolve);
      const error = await promise;
      if (error !== undefined) throw error;
    },
    async countChange(orgId) {
      const { totalHits, resetTime } = await changes.increment(orgId);
      if (totalHits <= maxRequests) return;
      const rule = `An organization may send ${maxRequests} changes a minute, with all its credentials.`;
      throw tooMany(`${rule} Wait for the seconds in Retry-After.`, resetTime);
    },
    async admit(address) {
      const seen = await refusals.get(address);
      if (seen === undefined || seen.totalHits < MAX_REFUSED) return;
      const rule = "Too many invalid credentials came from this address.";
      throw tooMany(`${rule} Check the key, and wait for the seconds in Retry-After.`, seen.resetTime);
    },
    async refused(address) {
      await refusals.increment(address);
    },
  };
}

function storeOfMinutes(): MemoryStore {
  const store = new MemoryStore();
  store.init({ windowMs: WINDOW_MS } as Parameters<MemoryStore["init"]>[0]);
  return store;
}

function tooMany(detail: string, resetTime: Date | undefined): ApiProblem {
  const seconds = Math.max(1, Math.ceil(((resetTime?.getTime() ?? 0) - Date.now()) / 1000));
  return new ApiProblem("too_many_requests", { detail, headers: { "retry-after": String(seconds) } });
}
