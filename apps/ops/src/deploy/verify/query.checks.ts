import type { Inspection, Repeated } from "@call-ledger/db-operator/inspect";
import type { Check, Finding } from "../checks/check.ts";

/** A ledger's database, as the operator sees it. */
export type LedgerInputs = {
  readonly inspection: Inspection;
  /** How this program is called. */
  readonly program: string;
  /** Megabytes, DATABASE_LIMIT_MB. */
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

/** Whether the migrations made what others rely on by its name. */
export const NAMED_OBJECT_CHECKS: readonly Check<LedgerInputs>[] = [
  {
    id: "rpc_functions_exist",
    expected: "3 functions, each once",
    look: async ({ inspection, program }) =>
      allOf(FUNCTIONS, await inspection.functionsNamed(FUNCTIONS), program),
  },
  {
    id: "org_id_constraints_exist",
    expected: "a constraint on org_id in each of 4 tables",
    look: async ({ inspection, program }) =>
      allOf(CONSTRAINED, await inspection.orgIdConstraints(CONSTRAINED), program),
  },
  {
    id: "composite_indexes_exist",
    expected: "3 unique indexes, valid",
    look: async ({ inspection, program }) => allOf(INDEXES, await inspection.soundIndexes(INDEXES), program),
  },
];

/** Whether every row belongs to one organization, and every event is there once. */
export const ROW_CHECKS: readonly Check<LedgerInputs>[] = [
  {
    id: "newest_events_have_org_id",
    expected: `the ${NEWEST} newest events, each with its org_id`,
    look: async ({ inspection }) => {
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
    look: async ({ inspection }) => {
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
    look: async ({ inspection }) => repeatedFinding("event ids", await inspection.repeatedEvents()),
  },
  {
    id: "query_3_no_null_org_ids",
    expected: "no row without org_id in any table of calls, events or uploads",
    look: async ({ inspection }) => {
      const tables = await inspection.missingOrganizations();
      const wrong = tables.filter(({ rows }) => rows > 0).map(({ table, rows }) => `${table} ${rows}`);
      return {
        ok: wrong.length === 0,
        found: wrong.length === 0 ? `0 in each of ${tables.length} tables` : wrong.join(", "),
        next: WITHOUT_ORGANIZATION,
      };
    },
  },
];

export const WITHOUT_ORGANIZATION =
  "A constraint is gone, or the rows came around it: stop what writes there, give them their organization or delete them, " +
  "then put the constraint back.";

export function repeatedFinding(what: string, { count, sample }: Repeated): Finding {
  return {
    ok: count === 0,
    found: count === 0 ? `0 ${what} twice` : `${count} ${what} more than once, such as ${sample.join(", ")}`,
    next: "The unique constraint is gone: keep one row of each, then put it back; check that only this release writes here.",
  };
}

function allOf(wanted: readonly string[], there: readonly string[], program: string): Finding {
  const missing = wanted.filter((name) => !there.includes(name));
  return {
    ok: missing.length === 0,
    found: missing.length === 0 ? `all ${wanted.length}` : `missing: ${missing.join(", ")}`,
    next: `${program} migrate; where it finds nothing to do, somebody dropped it: put it back as schema.sql has it.`,
  };
}
