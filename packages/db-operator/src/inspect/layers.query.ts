import { DbError, SQLSTATE, toDbError } from "@call-ledger/db/errors";
import type postgres from "postgres";

/** Calls whose three layers do not agree. */
export type LayerFaults = {
  readonly checked: number;
  readonly count: number;
  /** The ids of some of them. */
  readonly sample: readonly string[];
};

const SAMPLE = 5;
const BATCH = 5_000;
const ATTEMPTS = 5;
const NIL = "00000000-0000-0000-0000-000000000000";

/** Calls that lack a row in one of the three tables. Every call has all three from its first event on. */
export async function callsWithoutAllLayers(sql: postgres.ISql): Promise<LayerFaults> {
  const rows = await sql`
    select coalesce(c.id, t.id, l.id) as id, count(*) over ()::int as all
    from calls c
    full join call_tracking t on t.org_id = c.org_id and t.id = c.id
    full join call_logs l on l.org_id = coalesce(c.org_id, t.org_id) and l.id = coalesce(c.id, t.id)
    where c.id is null or t.id is null or l.id is null
    limit ${SAMPLE}`;
  const [all] = await sql`select count(*)::int as calls from calls`;
  return {
    checked: Number(all?.calls),
    count: Number(rows[0]?.all ?? 0),
    sample: rows.map(({ id }) => String(id)),
  };
}

/**
 * Calls whose summary differs from the two layers and the stored recordings. Computes all summaries again with the
 * function that books them, in transactions that are rolled back. A row that would change is stale. A correct row is
 * neither written nor locked.
 */
export async function callsWithStaleSummary(sql: postgres.Sql): Promise<LayerFaults> {
  const [me] = await sql`select pg_has_role(current_user, 'call_ledger_operator', 'usage') as sees`;
  if (me?.sees !== true) throw new DbError("bug", SQLSTATE.insufficientPrivilege, null);
  const stale: string[] = [];
  let [checked, last] = [0, { orgId: NIL, id: NIL }];
  for (;;) {
    const [batch] = await sql`
      select count(*)::int as calls, (array_agg(org_id order by org_id desc, id desc))[1]::text as org_id,
        (array_agg(id order by org_id desc, id desc))[1]::text as id
      from (
        select org_id, id from calls where (org_id, id) > (${last.orgId}::uuid, ${last.id}::uuid)
        order by org_id, id limit ${BATCH}) b`;
    if (batch === undefined || batch.calls === 0) break;
    const end = { orgId: String(batch.org_id), id: String(batch.id) };
    stale.push(...(await staleBetween(sql, last, end)));
    checked += Number(batch.calls);
    last = end;
  }
  return { checked, count: stale.length, sample: stale.slice(0, SAMPLE) };
}

/** The settings of record_deliveries: statistics of a table that was empty a moment ago must not decide the plan. */
const AS_WHEN_BOOKING = `set local lock_timeout = '1s'; set local plan_cache_mode = force_generic_plan;
  set local enable_seqscan = off; set local jit = off`;

type Place = { readonly orgId: string; readonly id: string };

/** Stale calls in a range. Waits for a call that is being written, and checks it again if that takes long. */
async function staleBetween(sql: postgres.Sql, after: Place, until: Place): Promise<string[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await summarizedAnew(sql, after, until);
    } catch (error) {
      const { code } = toDbError(error);
      const held = code === SQLSTATE.deadlockDetected || code === SQLSTATE.lockNotAvailable;
      if (!held || attempt === ATTEMPTS) throw error;
    }
  }
}

async function summarizedAnew(sql: postgres.Sql, after: Place, until: Place): Promise<string[]> {
  const undo = new Error("rolled back");
  let changed: string[] = [];
  await sql
    .begin(async (tx) => {
      await tx.unsafe(AS_WHEN_BOOKING);
      const between = tx`(org_id, id) > (${after.orgId}::uuid, ${after.id}::uuid)
        and (org_id, id) <= (${until.orgId}::uuid, ${until.id}::uuid)`;
      // A mark that the clock set is not a part of the summary. It is removed in a savepoint, so that it does not count
      // as a change of this transaction.
      await tx`savepoint marks`;
      await tx`update calls set attention = array_remove(attention, 'stuck')
        where 'stuck' = any (attention) and ${between}`;
      await tx`release savepoint marks`;
      await tx`select call_ledger.summarize_calls(array_agg(org_id), array_agg(id)) from calls where ${between}`;
      const rows =
        await tx`select id from calls where xmin = pg_current_xact_id_if_assigned()::xid and ${between}`;
      changed = rows.map(({ id }) => String(id));
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  return changed;
}
