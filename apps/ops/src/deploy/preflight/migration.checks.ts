import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LOCK_TIMEOUT, STATEMENT_TIMEOUT } from "@call-ledger/db/migrate";
import type { Violation } from "@call-ledger/db-operator/inspect";
import { sqlStatements } from "@call-ledger/db-operator/inspect";
import type { Check, Finding } from "../checks/check.ts";
import type { PreflightInputs } from "./preflight.inputs.ts";
import { warningsOf } from "./squawk.ts";

const MB = 1_048_576;
/** A table of this size is read within about a second. A lock on a smaller one does not delay anybody noticeably. */
const NOTICEABLE_MB = 32;
/** These rules apply to tables of any size, because the running release still reads the dropped or renamed object. */
const BREAKS_OLDER_CODE = /^(ban-drop-|renaming-)/;

/** Checks the effects of the pending migrations on the present tables and rows. */
export const MIGRATION_CHECKS: readonly Check<PreflightInputs>[] = [
  {
    id: "migrations_pending",
    expected: "a valid history",
    run: async ({ inspection }) => {
      const { applied, pending, fault } = await inspection.schemaStanding();
      const waits = pending.length === 0 ? "none pending" : `pending: ${pending.join(", ")}`;
      return {
        ok: fault === null,
        found: fault ?? `${applied} applied, ${waits}`,
        next: "Correct the history first: migrate would refuse it.",
      };
    },
  },
  {
    id: "rows_that_would_violate",
    expected: "no row that a pending migration would refuse",
    run: violationFinding,
  },
  {
    id: "lock_risk",
    expected: `no statement that locks a table of ${NOTICEABLE_MB} MB or more for a scan, and none that breaks older code`,
    run: lockFinding,
  },
];

/** For a pipeline that migrates with drizzle-kit. The command migrate sets its own timeouts after it has connected. */
export const TIMEOUTS_CHECK: Check<PreflightInputs> = {
  id: "migration_timeouts",
  expected: `lock_timeout ${LOCK_TIMEOUT} and statement_timeout ${STATEMENT_TIMEOUT} in a connection of drizzle-kit`,
  async run({ inspection }) {
    const { lock, statement } = await inspection.migrationTimeouts();
    return {
      ok: lock === LOCK_TIMEOUT && statement === STATEMENT_TIMEOUT,
      found: `lock_timeout ${lock}, statement_timeout ${statement}`,
      next: "A pooler drops them, and drizzle-kit would wait for locks without limit. Set DIRECT_DATABASE_URL to the direct URL.",
    };
  },
};

async function violationFinding({ inspection }: PreflightInputs): Promise<Finding> {
  const { applied, pending } = await inspection.schemaStanding();
  if (pending.length === 0) return { ok: true, found: "none pending" };
  if (applied === 0) return { ok: true, found: "the database has no ledger yet" };
  const { compared, violations, unread } = await inspection.violationsOf(pending);
  const refused = violations.filter(({ mayBeRepaired }) => !mayBeRepaired);
  const repaired = violations.filter(({ mayBeRepaired }) => mayBeRepaired);
  const parts = [
    `${compared} rules compared with the rows`,
    ...refused.map(violationText),
    ...repaired.map((one) => `${violationText(one)}; the migration changes this table itself`),
    ...unread.map((what) => `not read: ${what}`),
  ];
  return {
    ok: refused.length === 0 && unread.length === 0,
    found: parts.join("; "),
    next:
      refused.length > 0
        ? "Correct these rows first, or in the migration before the rule."
        : "Try the migrations that could not be read on a restored backup first.",
  };
}

function violationText({ migration, table, name, kind, count, sample }: Violation): string {
  const what = kind === "unique" ? "groups of equal rows" : "rows";
  return `${migration}: ${name} (${kind}) on ${table}: ${count} ${what}, such as ${sample.join(", ")}`;
}

async function lockFinding(inputs: PreflightInputs): Promise<Finding> {
  const { inspection, migrations } = inputs;
  const { pending } = await inspection.schemaStanding();
  if (pending.length === 0) return { ok: true, found: "none pending" };
  const sizes = await inspection.tableSizes();
  const major = await inspection.serverMajor();
  const risks: string[] = [];
  const small: string[] = [];
  const files = new Map(pending.map((tag) => [tag, join(migrations, `${tag}.sql`)]));
  const warnings = await warningsOf([...files.values()], major);
  for (const [tag, file] of files) {
    const statements = sqlStatements(await readFile(file, "utf8"));
    for (const { rule, line } of warnings.get(file) ?? []) {
      const text = statements.find(({ from, to }) => from <= line && line <= to)?.text ?? "";
      const tables = [...sizes].filter(([name]) => new RegExp(`\\b${name}\\b`).test(text));
      const largest = tables.sort(([, one], [, other]) => other - one)[0];
      if (largest === undefined) continue;
      const [name, megabytes] = [largest[0], Math.round(largest[1] / MB)];
      const isSmall = megabytes < NOTICEABLE_MB && !BREAKS_OLDER_CODE.test(rule);
      (isSmall ? small : risks).push(`${tag}:${line + 1} ${rule} on ${name} (${megabytes} MB)`);
    }
  }
  return {
    ok: risks.length === 0,
    found:
      risks.length === 0
        ? `${pending.length} pending${small.length === 0 ? "" : `; on small tables, which is no risk: ${small.join("; ")}`}`
        : risks.join("; "),
    next: "Split it (NOT VALID, then VALIDATE in the next migration), deploy at a quiet hour, or accept it in the file with -- squawk-ignore RULE.",
  };
}
