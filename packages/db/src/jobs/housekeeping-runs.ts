import type { WorkerSession } from "./worker-session.ts";

/** A housekeeping job by name, and how often it is due. */
export type ScheduledJob = { readonly name: string; readonly everySeconds: number };

/** What a run leaves to the next one of its job. */
export type HousekeepingProgress = Readonly<Record<string, string>>;

/** A run that this process holds until its lease ends. */
export type HeldRun = {
  readonly name: string;
  /** Made by the claim: whoever settles the run has to show it. */
  readonly token: string;
  /** What the last run of the job has left. */
  readonly progress: HousekeepingProgress | null;
};

/** What a run did: figures, and words for people that quote no value. */
export type HousekeepingResult = Readonly<Record<string, number | string | null>>;

/** Claims the first of the jobs that is due, or by hand the first that nobody holds; `null`: there is none. Throws DbError. */
export async function claimHousekeeping(
  session: WorkerSession,
  jobs: readonly ScheduledJob[],
  { leaseSeconds, byHand }: { readonly leaseSeconds: number; readonly byHand: boolean },
): Promise<HeldRun | null> {
  const [row] = await session.run((sql) =>
    sql.unsafe(
      `select name, token, progress::text as progress from call_ledger.claim_housekeeping(
         string_to_array($1, ','), string_to_array($2, ',')::int[], $3::int, $4::boolean)`,
      [
        jobs.map(({ name }) => name).join(","),
        jobs.map(({ everySeconds }) => everySeconds).join(","),
        leaseSeconds,
        byHand,
      ],
    ),
  );
  if (row === undefined) return null;
  const progress = row.progress === null ? null : JSON.parse(String(row.progress));
  return { name: String(row.name), token: String(row.token), progress };
}

/** Whether the run is still held, then for another `leaseSeconds`; keeps how far it has come. Throws DbError. */
export function extendHousekeeping(
  session: WorkerSession,
  { name, token }: HeldRun,
  leaseSeconds: number,
  progress: HousekeepingProgress | null,
): Promise<boolean> {
  return asked(session, "extend_housekeeping($1, $2::text::uuid, $3::int, $4::text::jsonb)", [
    name,
    token,
    leaseSeconds,
    progress === null ? null : JSON.stringify(progress),
  ]);
}

/** Ends a run: with its result, or with why it failed. `false`: it was not held any more. Throws DbError. */
export function settleHousekeeping(
  session: WorkerSession,
  { name, token }: HeldRun,
  outcome: { readonly result: HousekeepingResult | null; readonly error: string | null },
): Promise<boolean> {
  return asked(session, "settle_housekeeping($1, $2::text::uuid, $3::text::jsonb, $4::text)", [
    name,
    token,
    outcome.result === null ? null : JSON.stringify(outcome.result),
    outcome.error,
  ]);
}

/** Gives a run back, due at once. `false`: it was not held any more. Throws DbError. */
export function releaseHousekeeping(session: WorkerSession, { name, token }: HeldRun): Promise<boolean> {
  return asked(session, "release_housekeeping($1, $2::text::uuid)", [name, token]);
}

async function asked(
  session: WorkerSession,
  call: string,
  parameters: (string | number | null)[],
): Promise<boolean> {
  const [row] = await session.run((sql) => sql.unsafe(`select call_ledger.${call} as done`, parameters));
  return row?.done === true;
}
