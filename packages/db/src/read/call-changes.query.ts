import { PHASES } from "@call-ledger/domain";
import { z } from "zod";
import type { Pool } from "../client/pool.ts";
import { runForOne, runFunction, sqlFunction } from "../client/run-function.ts";

/** A place in the changes of calls: everything that had been committed at that moment. */
export type ChangePlace = { readonly epoch: string; readonly snapshot: string; readonly at: string };

const changeSchema = z
  .object({
    org_id: z.string(),
    id: z.string(),
    phase: z.enum(PHASES).nullable(),
    updated_at: z.string().transform((text) => new Date(text).toISOString()),
  })
  .transform(({ org_id, updated_at, ...call }) => ({ ...call, orgId: org_id, updatedAt: updated_at }));

/** A changed call in its current state. */
export type CallChange = Readonly<z.output<typeof changeSchema>>;

export type CallChanges = {
  readonly place: ChangePlace;
  /** The changes since the place are not known. The reader has to read everything again. */
  readonly reset: boolean;
  readonly changes: readonly CallChange[];
};

const answerSchema = z.object({
  epoch: z.string(),
  snapshot: z.string(),
  at: z.string(),
  reset: z.boolean(),
  changes: z.array(changeSchema),
});

const CHANGES_SINCE = sqlFunction(
  "call_ledger.call_changes_since",
  { wantedOrg: "uuid", itsEpoch: "uuid", since: "text", sinceAt: "timestamptz", most: "integer" },
  answerSchema,
);

/**
 * Returns the calls that have changed since a place, of one organization or (`null`) of all, and the next place.
 * `since` null: only the place. More than `max` changes give a reset. Throws DbError.
 */
export async function readCallChanges(
  pool: Pool,
  {
    orgId,
    since,
    max,
  }: { readonly orgId: string | null; readonly since: ChangePlace | null; readonly max: number },
  deadlineMs: number,
): Promise<CallChanges> {
  const { changes, reset, ...place } = await pool.run(
    (sql) =>
      runForOne(sql, CHANGES_SINCE, {
        wantedOrg: orgId,
        itsEpoch: since?.epoch ?? null,
        since: since?.snapshot ?? null,
        sinceAt: since?.at ?? null,
        most: max,
      }),
    deadlineMs,
    orgId ?? undefined,
  );
  return { place, reset, changes };
}

const LAPSED = sqlFunction("call_ledger.lapsed_credentials", { ids: "uuid[]" }, z.string());

/** Returns those of the API keys and sessions that are no longer valid. Throws DbError. */
export function readLapsedCredentials(
  pool: Pool,
  ids: readonly string[],
  deadlineMs: number,
): Promise<string[]> {
  return pool.run((sql) => runFunction(sql, LAPSED, { ids }), deadlineMs);
}
