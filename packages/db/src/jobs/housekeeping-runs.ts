import { z } from "zod";
import { runForOne, runFunction, sqlFunction } from "../client/run-function.ts";
import type { WorkerSession } from "./worker-session.ts";

/** A housekeeping job by name, and how often it is due. */
export type ScheduledJob = { readonly name: string; readonly everySeconds: number };

/** What a run leaves to the next one of its job. */
export type HousekeepingProgress = Readonly<Record<string, string>>;

const runSchema = z.object({
  name: z.string(),
  /** Made by the claim: whoever settles the run has to show it. */
  token: z.string(),
  /** What the last run of the job has left. */
  progress: z.record(z.string(), z.string()).nullable(),
});

/** A run that this process holds until its lease ends. */
export type HeldRun = Readonly<z.output<typeof runSchema>>;

/** What a run did: figures, and words for people that quote no value. */
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

/** Claims the first of the jobs that is due, or by hand the first that nobody holds; `null`: there is none. Throws DbError. */
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

/** Whether the run is still held, then for another `leaseSeconds`; keeps how far it has come. Throws DbError. */
export function extendHousekeeping(
  session: WorkerSession,
  run: HeldRun,
  leaseSeconds: number,
  progress: HousekeepingProgress | null,
): Promise<boolean> {
  const values = { ...held(run), leaseSeconds, comeTo: progress };
  return session.run((sql) => runForOne(sql, EXTEND, values));
}

/** Ends a run: with its result, or with why it failed. `false`: it was not held any more. Throws DbError. */
export function settleHousekeeping(
  session: WorkerSession,
  run: HeldRun,
  { result, error }: { readonly result: HousekeepingResult | null; readonly error: string | null },
): Promise<boolean> {
  const values = { ...held(run), outcome: result, failure: error };
  return session.run((sql) => runForOne(sql, SETTLE, values));
}

/** Gives a run back, due at once. `false`: it was not held any more. Throws DbError. */
export function releaseHousekeeping(session: WorkerSession, run: HeldRun): Promise<boolean> {
  return session.run((sql) => runForOne(sql, RELEASE, held(run)));
}

function held({ name, token }: HeldRun) {
  return { job: name, heldToken: token };
}
