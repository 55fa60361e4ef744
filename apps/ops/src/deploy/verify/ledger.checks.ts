import type { LayerFaults, SchemaDrift } from "@call-ledger/db-operator/inspect";
import { WARNING_SHARE } from "@call-ledger/domain";
import type { Check, Finding } from "../checks/check.ts";
import type { LedgerInputs } from "./query.checks.ts";
import { repeatedFinding } from "./query.checks.ts";

/** Checks that the size of the database is below the share of its limit at which `/health` becomes degraded. */
export function sizeCheck(id: string, advice: string): Check<Pick<LedgerInputs, "inspection" | "limitMb">> {
  return {
    id,
    expected: `less than ${WARNING_SHARE * 100} % of DATABASE_LIMIT_MB`,
    run: async ({ inspection, limitMb }) => {
      const size = await inspection.databaseSizeMb();
      return {
        ok: size < limitMb * WARNING_SHARE,
        found: `${size} of ${limitMb} MB`,
        next: `${advice}: shorten PAYLOAD_RETENTION_DAYS, or use a larger database and raise DATABASE_LIMIT_MB.`,
      };
    },
  };
}

export const WRITABLE_CHECK: Check<Pick<LedgerInputs, "inspection">> = {
  id: "database_writable",
  expected: "a database that accepts writes",
  async run({ inspection }) {
    const fault = await inspection.writeFault();
    return fault === null
      ? { ok: true, found: "it accepts writes" }
      : { ok: false, found: `it ${fault.says} (${fault.name})`, next: fault.next };
  },
};

/** The success criteria of a deployment that the database can show. */
export const CRITERIA_CHECKS: readonly Check<LedgerInputs>[] = [
  {
    id: "valid_webhooks_without_errors",
    expected: "no verified delivery of the last 24 hours that could not be read or stored",
    run: async ({ inspection, program }) => {
      const { broken, waiting } = await inspection.quarantineOfADay();
      return {
        ok: broken === 0,
        found: `${broken} broken; ${waiting} wait for an agent or an operator`,
        next: `${program} quarantine list shows the reasons; after a repair: ${program} quarantine replay --all`,
      };
    },
  },
  sizeCheck("database_size", "Make room before you continue"),
];

/** Checks that the three tables agree, and that the schema is the one that this release was tested with. */
export const CONSISTENCY_CHECKS: readonly Check<LedgerInputs>[] = [
  {
    id: "no_duplicate_calls",
    expected: "no call twice in calls, call_tracking or call_logs",
    run: async ({ inspection }) => repeatedFinding("calls", await inspection.repeatedCalls()),
  },
  {
    id: "every_call_in_three_tables",
    expected: "each call in calls, call_tracking and call_logs",
    run: async ({ inspection }) =>
      layerFinding(await inspection.callsWithoutAllLayers(), "lack a row of a layer", RESTORE),
  },
  {
    id: "summary_matches_layers",
    needs: "database_writable",
    expected: "calls is equal to the summary of call_tracking, call_logs and the stored recordings",
    run: async ({ inspection }) =>
      layerFinding(await inspection.callsWithStaleSummary(), "differ", SUMMARIZE),
  },
];

export const SCHEMA_CHECKS: readonly Check<LedgerInputs>[] = [
  {
    id: "migrations_applied",
    expected: "every migration of this release, unedited",
    run: async ({ inspection, program }) => {
      const { applied, pending, fault } = await inspection.schemaStanding();
      const missing = pending.length === 0 ? "none pending" : `pending: ${pending.join(", ")}`;
      return {
        ok: fault === null && pending.length === 0,
        found: fault ?? `${applied} applied, ${missing}`,
        next: `${program} migrate`,
      };
    },
  },
  {
    id: "schema_as_committed",
    expected: "the schema of the database is that of schema.sql",
    needs: "migrations_applied",
    run: async ({ inspection }) => driftFinding(await inspection.schemaDrift()),
  },
];

const RESTORE = "A row was deleted by hand. Restore it from a backup, or replay the call's events.";
const SUMMARIZE =
  "A row was changed by hand. As the owner, `select call_ledger.summarize_calls(array[ORG_ID]::uuid[], array[CALL_ID]::uuid[])` " +
  "computes it again. Find out first who changed it.";
const MAX_PARTS = 5;

function layerFinding({ checked, count, sample }: LayerFaults, what: string, next: string): Finding {
  return {
    ok: count === 0,
    found:
      count === 0 ? `${checked} calls` : `${count} of ${checked} calls ${what}, such as ${sample.join(", ")}`,
    next,
  };
}

export function driftFinding(drift: SchemaDrift): Finding {
  const parts = Object.entries(drift).flatMap(([how, heads]) => heads.map((head) => `${how}: ${head}`));
  const more = parts.length > MAX_PARTS ? [`and ${parts.length - MAX_PARTS} more`] : [];
  return {
    ok: parts.length === 0,
    found: parts.length === 0 ? "no difference" : [...parts.slice(0, MAX_PARTS), ...more].join("; "),
    next: "The schema was changed by hand. Undo the change, or make it a migration.",
  };
}
