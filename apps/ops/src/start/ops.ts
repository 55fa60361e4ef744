import { text } from "node:stream/consumers";
import { processEnv } from "@call-ledger/config";
import { askAtTerminal } from "../cli/ask.ts";
import { run } from "../cli/run.ts";
import { COMMANDS } from "../commands/registry.ts";

// Whoever reads our output may stop early (`| head`); that is no failure.
process.stdout.on("error", () => process.exit());

process.exitCode = await run(process.argv.slice(2), COMMANDS, {
  env: processEnv(),
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  input: () => text(process.stdin),
  now: () => Date.now(),
  ask: askAtTerminal,
});
