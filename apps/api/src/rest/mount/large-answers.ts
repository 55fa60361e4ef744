import type { Route } from "@call-ledger/contract/route";
import { fairQueue } from "@call-ledger/ingest";
import type { Response } from "express";
import { ApiProblem } from "./api-problem.ts";

type Limits = {
  /** The max number of answers that are made or sent at a time, all together and to one organization. */
  readonly atOnce: number;
  readonly ofOwner: number;
};

/** If more wait, the owner with the most waiting requests loses its newest one. */
const MAX_WAITING = 200;
const MAX_WAIT_MS = 4_000;
const RETRY_LATER = { "retry-after": "5" };

export type LargeAnswers = {
  /**
   * Waits for the owner's turn to get a large answer. The turn ends when `make` is settled and the client has the
   * answer or is gone. Throws ApiProblem and the errors of `make`.
   */
  inTurn(owner: string, res: Response, make: () => Promise<void>): Promise<void>;
};

type Turn = { readonly owner: string; begin(): void; reject(problem: ApiProblem): void };

/**
 * Limits the large answers in memory. A whole call can take 5 MB in the database, and many times that while it is
 * translated. Owners take turns, so that one who asks for many such answers does not hold up the others.
 */
function answersWithin({ atOnce, ofOwner }: Limits): LargeAnswers {
  const running = new Map<string, number>();
  const waiting = fairQueue<Turn>(
    { refuse: ({ reject }) => reject(tooMany()) },
    { maxItems: MAX_WAITING, maxWeight: MAX_WAITING },
  );
  let total = 0;

  const count = (owner: string, by: 1 | -1): void => {
    total += by;
    const left = (running.get(owner) ?? 0) + by;
    if (left === 0) running.delete(owner);
    else running.set(owner, left);
  };
  const hasItsShare = (owner: string): boolean => (running.get(owner) ?? 0) >= ofOwner;
  const beginNext = (): void => {
    while (total < atOnce) {
      const [next] = waiting.take({ maxItems: 1, maxWeight: 1 }, hasItsShare);
      if (next === undefined) return;
      count(next.owner, 1);
      next.begin();
    }
  };
  const end = (owner: string): void => {
    count(owner, -1);
    beginNext();
  };
  const turnOf = (owner: string): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const turn = { owner, begin: resolve, reject };
    const timeout = setTimeout(() => {
      waiting.remove((one) => one === turn);
      reject(busy());
    }, MAX_WAIT_MS);
    waiting.add(owner, turn, 1);
    beginNext();
    return promise.finally(() => clearTimeout(timeout));
  };

  return {
    async inTurn(owner, res, make) {
      await turnOf(owner);
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
