import { text } from "node:stream/consumers";
import { processEnv } from "@call-ledger/config";
import type { StopRequest } from "@call-ledger/process/stop";
import type { ExitCode } from "../cli/command.ts";
import { run } from "../cli/run.ts";
import { terminalOf } from "../cli/terminal.ts";
import { COMMANDS } from "./registry.ts";

/** Runs the command line of this process, and ends the process. */
export async function runProgram({ signal, forget }: StopRequest): Promise<void> {
  const terminal = terminalOf(process.stdin, process.stderr);
  const fault = new AbortController();
  let unwritten: string | null = null;
  // The reader of our output may stop early (`| head`). A command that is still at work then ends and says what was
  // done.
  const unread = ({ code = "" }: NodeJS.ErrnoException) => {
    if (code !== "EPIPE") unwritten = code;
    const cause = unwritten === null ? "a closed output" : `an output that cannot be written (${unwritten})`;
    fault.abort(new DOMException(cause, "AbortError"));
  };
  for (const stream of [process.stdout, process.stderr]) stream.on("error", unread);
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, (error: unknown) => fault.abort(error));
  }
  process.exitCode = await run(process.argv.slice(2), COMMANDS, {
    env: processEnv(),
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    input: () => text(process.stdin),
    now: () => Date.now(),
    ask: terminal.ask,
    cutOff: AbortSignal.any([signal, fault.signal]),
  });
  forget();
  terminal.leave();
  // A command that ended early may leave work behind, which must not keep the process alive.
  process.stdout.write("", (error) => {
    if (error) unread(error);
    process.stderr.write("", end);
  });

  function end(): void {
    // A command that the fault has cut off has said its state.
    if (unwritten !== null && process.exitCode !== (4 satisfies ExitCode)) {
      const ended = `The command has ended, with exit code ${process.exitCode}, but its output could not be written`;
      const next = "Make room. Before you run it again, look at what it has done.";
      process.stderr.write(`${ended} (${unwritten}). ${next}\n`);
      process.exitCode ||= 4 satisfies ExitCode;
    }
    process.exit();
  }
}
