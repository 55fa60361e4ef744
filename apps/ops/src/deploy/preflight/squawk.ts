import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { failure, unreachable } from "../../cli/command.ts";

/** What squawk says of one place in a migration; lines from 0. */
type Warning = { readonly rule: string; readonly line: number };

/**
 * Rules about locks that others wait for, and about objects that older code still reads. The other rules are about
 * style.
 */
const RULES = new Set([
  "adding-field-with-default",
  "adding-foreign-key-constraint",
  "adding-not-nullable-field",
  "adding-required-field",
  "adding-serial-primary-key-field",
  "ban-drop-column",
  "ban-drop-database",
  "ban-drop-table",
  "changing-column-type",
  "constraint-missing-not-valid",
  "disallowed-unique-constraint",
  "renaming-column",
  "renaming-table",
  "require-concurrent-index-creation",
  "require-concurrent-index-deletion",
  "require-concurrent-reindex",
]);

const PROBLEMS_FOUND = 1;
const MAX_BYTES = 16_777_216;

/**
 * Lets squawk read migrations, all at once, because most of the time goes into starting it. Every migration runs in one
 * transaction, under the migrator's lock_timeout. Returns the warnings by the paths. Throws unreachable if squawk is
 * missing.
 */
export async function warningsOf(
  files: readonly string[],
  postgresMajor: number,
): Promise<ReadonlyMap<string, readonly Warning[]>> {
  const options = ["--reporter=json", "--assume-in-transaction", `--pg-version=${postgresMajor}`];
  const printed = await squawk([...options, ...files]);
  const found: unknown = JSON.parse(printed);
  if (!Array.isArray(found)) throw failure("squawk printed something else than its list");
  const warnings = found
    .map((one: { file: unknown; rule_name: unknown; line: unknown }) => ({
      file: String(one.file),
      rule: String(one.rule_name),
      line: Number(one.line),
    }))
    .filter(({ rule }) => RULES.has(rule));
  return Map.groupBy(warnings, ({ file }) => file);
}

/** Runs the squawk that is installed with this program, else the one in the PATH. */
function squawk(args: readonly string[]): Promise<string> {
  const own = ownSquawk();
  const [program, words] = own === null ? ["squawk", args] : [process.execPath, [own, ...args]];
  return new Promise((resolve, reject) => {
    execFile(program, words, { maxBuffer: MAX_BYTES }, (error, stdout) => {
      if (error === null || error.code === PROBLEMS_FOUND) resolve(stdout === "" ? "[]" : stdout);
      else if (error.code === "ENOENT")
        reject(unreachable("squawk is missing. Run pnpm install, which installs it."));
      else reject(failure(`squawk ended with ${error.code}`));
    });
  });
}

function ownSquawk(): string | null {
  try {
    return createRequire(import.meta.url).resolve("squawk-cli/js/bin/squawk");
  } catch {
    return null;
  }
}
