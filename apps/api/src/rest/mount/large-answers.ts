import type { Route } from "@call-ledger/contract/route";
import type { Response } from "express";
import { ApiProblem } from "./api-problem.ts";

type Limits = {
  /** The max number of answers that are made or sent at a time, all together and to one organization. */
  readonly atOnce: number;
  readonly ofOwner: number;
};

const MAX_WAITING_OF_OWNER = 50;
const MAX_WAIT_MS = 4_000;
const RETRY_LATER = { "retry-after": "5" };

export type LargeAnswers = {
  /**
   * Waits for the owner's turn to get a large answer. The turn ends when `make` is settled and the client has the
   * answer or is gone. Throws ApiProblem and the errors of `make`.
   */
  inTurn(owner: string, res: Response, make: () => Promise<void>): Promise<void>;
};

/**
 * Limits the large answers in memory. A whole call can take 5 MB in the database, and many times that while it is
 * translated. Owners take turns, so that one who asks for many such answers does not hold up the others.
 */
function answersWithin({ atOnce, ofOwner }: Limits): LargeAnswers {
  const running = new Map<string, number>();
  /** In the order of turns. No line is empty. */
  const waiting = new Map<string, (() => void)[]>();
  let total = 0;

  const mayBegin = (owner: string): boolean => total < atOnce && (running.get(owner) ?? 0) < ofOwner;
  const begin = (owner: string): void => {
    total += 1;
    running.set(owner, (running.get(owner) ?? 0) + 1);
  };
  const beginNext = (): void => {
    for (const [owner, line] of waiting) {
      if (!mayBegin(owner)) continue;
      waiting.delete(owner);
      const next = line.shift();
      if (line.length > 0) waiting.set(owner, line);
      if (next === undefined) continue;
      begin(owner);
      next();
    }
  };
  const end = (owner: string): void => {
    total -= 1;
    const left = (running.get(owner) ?? 1) - 1;
    if (left === 0) running.delete(owner);
    else running.set(owner, left);
    beginNext();
  };
  const turn = (owner: string): Promise<void> => {
    const line = waiting.get(owner) ?? [];
    if (line.length >= MAX_WAITING_OF_OWNER) throw tooMany();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const next = (): void => {
      clearTimeout(timeout);
      resolve();
    };
    const timeout = setTimeout(() => {
      line.splice(line.indexOf(next), 1);
      if (line.length === 0) waiting.delete(owner);
      reject(busy());
    }, MAX_WAIT_MS);
    line.push(next);
    waiting.set(owner, line);
    return promise;
  };

  return {
    async inTurn(owner, res, make) {
      if (mayBegin(owner)) begin(owner);
      else await turn(owner);
      try {
        if (!res.destroyed) await make();
      } finally {
        if (res.writableFinished || res.destroyed) end(owner);
        else res.once("close", () => end(owner));
      }
    },
  };
}

/** Returns the limits that the routes of one kind share. */
export function largeAnswers(): Readonly<Record<NonNullable<Route["takesTurns"]>, LargeAnswers>> {
  return {
    large: answersWithin({ atOnce: 2, ofOwner: 1 }),
    long: answersWithin({ atOnce: 8, ofOwner: 2 }),
  };
}

function tooMany(): ApiProblem {
  return new ApiProblem("too_many_requests", {
    detail: "Too many requests for whole calls or exports wait. Send fewer at a time.",
    headers: RETRY_LATER,
  });
}

function busy(): ApiProblem {
  return new ApiProblem("unavailable", {
    detail: "The service is busy with other large answers. Send the request again in some seconds.",
    headers: RETRY_LATER,
  });
}
