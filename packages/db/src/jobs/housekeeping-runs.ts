import { z } from "zod";
import { runForOne, runFunction, sqlFunction } from "../client/run-function.ts";
import type { WorkerSession } from "./worker-session.ts";

/** A housekeeping job: its name and its interval. */
export type ScheduledJob = { readonly name: string; readonly everySeconds: number };

/** The data that a run stores for the next one of its job. */
export type HousekeepingProgress = Readonly<Record<string, string>>;

const runSchema = z.object({
  name: z.string(),
  /** Made by the claim. The process that settles the run has to give it. */
  token: z.string(),
  /** The data that the last run of the job has stored. */
  progress: z.record(z.string(), z.string()).nullable(),
});

/** A run that this process holds until its lease ends. */
export type HeldRun = Readonly<z.output<typeof runSchema>>;

/** The result of a run: figures, and words for people that contain no value. */
export type HousekeepingResult = Readonly<Record<string, number | string | null>>;

const CLAIM = sqlFunction(
  "call_ledger.claim_housekeeping",
  { jobs: "text[]", intervals: "integer[]", leaseSeconds: "integer", byHand: "boolean" },
  runSchema,
);
const HELD = { job: "text", heldToken: "uuid" } as const;
const EXTEND = sqlFunction(
  "call_ledger.extend_housekeeping",
  { ...HELD, leaseSeconds: "integer", comeTo: "jsonb" },
  z.boolean(),
);
const SETTLE = sqlFunction(
  "call_ledger.settle_housekeeping",
  { ...HELD, outcome: "jsonb", failure: "text" },
  z.boolean(),
);
const RELEASE = sqlFunction("call_ledger.release_housekeeping", HELD, z.boolean());

/**
 * Claims the first due job, or by hand the first that no process holds. Returns `null` if there is none. Throws
 * DbError.
 */
export async function claimHousekeeping(
  session: WorkerSession,
  jobs: readonly ScheduledJob[],
  options: { readonly leaseSeconds: number; readonly byHand: boolean },
): Promise<HeldRun | null> {
  const values = {
    jobs: jobs.map(({ name }) => name),
    intervals: jobs.map(({ everySeconds }) => everySeconds),
    ...options,
  };
  const [run] = await session.run((sql) => runFunction(sql, CLAIM, values));
  return run ?? null;
}

/**
 * Extends the lease by `leaseSeconds` and stores the progress. Returns whether the run is still held. Throws DbError.
 */
export function extendHousekeeping(
  session: WorkerSession,
  run: HeldRun,
  leaseSeconds: number,
  progress: HousekeepingProgress | null,
): Promise<boolean> {
  const values = { ...held(run), leaseSeconds, comeTo: progress };
  return session.run((sql) => runForOne(sql, EXTEND, values));
}

/**
 * Ends a run with its result, or with the reason of its failure. Returns `false` if it was no longer held. Throws
 * DbError.
 */
export function settleHousekeeping(
  session: WorkerSession,
  run: HeldRun,
  { result, error }: { readonly result: HousekeepingResult | null; readonly error: string | null },
): Promise<boolean> {
  const values = { ...held(run), outcome: result, failure: error };
  return session.run((sql) => runForOne(sql, SETTLE, values));
}

/** Gives a run back, so that it is due immediately. Returns `false` if it was no longer held. Throws DbError. */
export function releaseHousekeeping(session: WorkerSession, run: HeldRun): Promise<boolean> {
  return session.run((sql) => runForOne(sql, RELEASE, held(run)));
}

function held({ name, token }: HeldRun) {
  return { job: name, heldToken: token };
}
