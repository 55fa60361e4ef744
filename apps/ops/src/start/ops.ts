import { text } from "node:stream/consumers";
import { processEnv } from "@call-ledger/config";
import { run } from "../cli/run.ts";
import { terminalOf } from "../cli/terminal.ts";
import { COMMANDS } from "./registry.ts";

// Whoever reads our output may stop early (`| head`); that is no failure.
process.stdout.on("error", () => process.exit());

const terminal = terminalOf(process.stdin, process.stderr);
process.exitCode = await run(process.argv.slice(2), COMMANDS, {
  env: processEnv(),
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  input: () => text(process.stdin),
  now: () => Date.now(),
  ask: terminal.ask,
});
terminal.leave();
