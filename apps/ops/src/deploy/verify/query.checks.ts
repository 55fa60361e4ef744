import type { Inspection, Repeated } from "@call-ledger/db-operator/inspect";
import type { Check, Finding } from "../checks/check.ts";

/** The inputs of checks of a ledger's database, read as the operator. */
export type LedgerInputs = {
  readonly inspection: Inspection;
  /** The command of this program in the caller's shell. */
  readonly program: string;
  /** In megabytes, DATABASE_LIMIT_MB. */
  readonly limitMb: number;
};

const FUNCTIONS = [
  "create_inbound_call_atomically",
  "update_call_completed_atomically",
  "update_call_with_recording_atomically",
];
const CONSTRAINED = ["call_logs", "call_tracking", "calls", "recording_upload_queue"];
const INDEXES = [
  "idx_processed_events_org_event",
  "idx_call_logs_org_vapi_call_id",
  "idx_call_tracking_org_vapi_call_id",
];
const NEWEST = 10;

/** Checks that the objects exist that others use by name. */
export const NAMED_OBJECT_CHECKS: readonly Check<LedgerInputs>[] = [
  {
    id: "rpc_functions_exist",
    expected: "3 functions, each once",
    run: async ({ inspection, program }) =>
      allOf(FUNCTIONS, await inspection.functionsNamed(FUNCTIONS), program),
  },
  {
    id: "org_id_constraints_exist",
    expected: "a constraint on org_id in each of 4 tables",
    run: async ({ inspection, program }) =>
      allOf(CONSTRAINED, await inspection.orgIdConstraints(CONSTRAINED), program),
  },
  {
    id: "composite_indexes_exist",
    expected: "3 unique indexes, valid",
    run: async ({ inspection, program }) => allOf(INDEXES, await inspection.soundIndexes(INDEXES), program),
  },
];

/** Checks that every row belongs to one organization, and that every event is there once. */
export const ROW_CHECKS: readonly Check<LedgerInputs>[] = [
  {
    id: "newest_events_have_org_id",
    expected: `the ${NEWEST} newest events, each with its org_id`,
    run: async ({ inspection }) => {
      const events = await inspection.newestEvents(NEWEST);
      const without = events.filter(({ orgId }) => orgId === null).length;
      return {
        ok: without === 0,
        found: events.length === 0 ? "no events yet" : `${events.length} events, ${without} without org_id`,
        next: WITHOUT_ORGANIZATION,
      };
    },
  },
  {
    id: "query_1_org_id_isolation",
    expected: "the calls of the last 24 hours belong to organizations that exist",
    run: async ({ inspection }) => {
      const { calls, organizations, strays } = await inspection.callLogsOfADay();
      return {
        ok: strays === 0,
        found: `calls: ${calls}, organizations: ${organizations}, calls of none: ${strays}`,
        next: WITHOUT_ORGANIZATION,
      };
    },
  },
  {
    id: "query_2_idempotency",
    expected: "no event id twice",
    run: async ({ inspection }) => repeatedFinding("event ids", await inspection.repeatedEvents()),
  },
  {
    id: "query_3_no_null_org_ids",
    expected: "no row without org_id in any table of calls, events or uploads",
    run: async ({ inspection }) => {
      const tables = await inspection.rowsWithoutOrganization();
      const wrong = tables.filter(({ rows }) => rows > 0).map(({ table, rows }) => `${table} ${rows}`);
      return {
        ok: wrong.length === 0,
        found: wrong.length === 0 ? `0 in each of ${tables.length} tables` : wrong.join(", "),
        next: WITHOUT_ORGANIZATION,
      };
    },
  },
];

const WITHOUT_ORGANIZATION =
  "A constraint is missing, or the rows were written without it. Stop the writer, set the organization of the rows or " +
  "delete them, then add the constraint again.";

export function repeatedFinding(what: string, { count, sample }: Repeated): Finding {
  return {
    ok: count === 0,
    found: count === 0 ? `0 ${what} twice` : `${count} ${what} more than once, such as ${sample.join(", ")}`,
    next: "The unique constraint is missing. Keep one row of each, then add it again. Check that only this release writes here.",
  };
}

function allOf(wanted: readonly string[], there: readonly string[], program: string): Finding {
  const missing = wanted.filter((name) => !there.includes(name));
  return {
    ok: missing.length === 0,
    found: missing.length === 0 ? `all ${wanted.length}` : `missing: ${missing.join(", ")}`,
    next: `${program} migrate. If it finds nothing to do, the object was dropped by hand: create it again as in schema.sql.`,
  };
}
