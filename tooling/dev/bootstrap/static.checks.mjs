import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { TASKS } from "./task.table.mjs";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

// The checks run one after another: the import probes add files with violations for a moment, which other checks would
// see.
const checks = ["lint", "typecheck", "unused", "imports"].flatMap((task) =>
  (TASKS[task]?.commands(ROOT) ?? []).map((words) => ({ task, words })),
);

let failed = 0;
for (const { task, words } of checks) {
  const [command = "", ...args] = words;
  const startedAt = performance.now();
  const options = /** @type {const} */ ({ cwd: ROOT, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  const { status, stdout, stderr, error } = spawnSync(command, args, options);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const shown = [command, ...args].join(" ").replaceAll(ROOT, "");
  process.stdout.write(`${status === 0 ? "ok    " : "FAILED"} ${task}: ${shown} (${seconds} s)\n`);
  if (status === 0) continue;
  failed += 1;
  process.stdout.write(`${error ? error.message : stripVTControlCharacters(stdout + stderr)}\n`);
}
process.stdout.write(`checks: ${checks.length - failed} passed, ${failed} failed\n`);
// process.exit would cut off output that a pipe has not read yet.
process.exitCode = failed === 0 ? 0 : 1;
