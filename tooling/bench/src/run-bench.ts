import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildApps } from "@call-ledger/build";
import type { BenchOptions } from "./bench.options.ts";
import { readBenchOptions, USAGE } from "./bench.options.ts";
import { runSession } from "./bench.session.ts";
import { FULL, SHORT } from "./figures/bench.scale.ts";
import { profileLines, runProfile } from "./profile/profile.session.ts";
import { resultLines } from "./result/bench.result.ts";

const startedAt = performance.now();
const say = (line: string) =>
  process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);

const { full, figures, profile, out } = options();
const scale = full ? FULL : SHORT;
say("building the programs");
const programs = await buildApps(fileURLToPath(new URL("../../../dist", import.meta.url)));
if (profile) {
  const measured = await runProfile({ scale, programs, say });
  write(measured, profileLines(measured));
} else {
  const result = await runSession({ figures, scale, programs, say });
  write(result, resultLines(result));
  const isComplete = Object.keys(result.failed).length === 0;
  process.exitCode = isComplete && result.figures.every(({ met }) => met) ? 0 : 1;
}

function write(result: object, lines: readonly string[]): void {
  if (out !== undefined) writeFileSync(out, `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`\n${lines.join("\n")}\n`);
}

function options(): BenchOptions {
  try {
    return readBenchOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(2);
  }
}
