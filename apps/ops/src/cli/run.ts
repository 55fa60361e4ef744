import type { Environment } from "@call-ledger/config";
import { DbError, databaseFault } from "@call-ledger/db/errors";
import { errorFields } from "@call-ledger/process/errors";
import { databaseFailure } from "../database/database-failure.ts";
import { ownerUrl } from "../database/owner-url.ts";
import type { RegisteredCommand } from "../start/registry.ts";
import type { ExitCode, Standing, Surroundings } from "./command.ts";
import { halfWay, OpsError } from "./command.ts";
import { fileFailure } from "./file-failure.ts";
import { printableLines } from "./printable.ts";
import { runCommand } from "./program.ts";

/** The outputs of a run, and its inputs from outside. */
export type Outside = {
  readonly env: Environment;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Returns all of standard input. */
  readonly input: () => Promise<string>;
  now(): number;
  /** Returns `null` if there is no terminal. */
  ask(question: string): Promise<string | null>;
  /** Aborted by a signal, with an AbortError that names it, or by an uncaught error. */
  readonly cutOff: AbortSignal;
};

/**
 * Runs one command line. With `--json`, standard output gets exactly one document, for a failure too: `{"error": …,
 * "exit_code": …}`. The error is also on standard error. A command that is cut off is not waited for: its state is
 * printed, and the process has to end.
 */
export async function run(
  args: readonly string[],
  commands: readonly RegisteredCommand[],
  outside: Outside,
): Promise<ExitCode> {
  const json = args.includes("--json");
  const say = (text: string) => outside.out(`${printableLines(text)}\n`);
  const warn = (text: string) => outside.err(`${printableLines(text)}\n`);
  let standing: Standing | null = null;
  let begun: RegisteredCommand | null = null;
  const interruption = new AbortController();
  let endsItself = false;
  const cut = Promise.withResolvers<never>();
  outside.cutOff.addEventListener("abort", () => {
    const { reason } = outside.cutOff;
    if (!endsItself || !isInterruption(reason)) return cut.reject(reason);
    interruption.abort(reason);
    setTimeout(() => cut.reject(reason), END_MS).unref();
  });
  const surroundings: Surroundings = {
    env: outside.env,
    program: programOf(outside.env),
    now: outside.now,
    ask: (question) => outside.ask(printableLines(question)),
    progress: (text) => {
      if (!json) say(text);
    },
    standardInput: outside.input,
    warn,
    standsAt: (now) => {
      standing = now;
    },
    interruption: () => {
      endsItself = true;
      return interruption.signal;
    },
  };
  try {
    outside.cutOff.throwIfAborted();
    const line = args[0] === "help" ? [...args.slice(1), "--help"] : args;
    const work = runCommand(line, commands, surroundings, (named) => {
      begun = named;
    });
    const { document, text, exitCode = 0 } = await Promise.race([work, cut.promise]);
    const printed = json ? JSON.stringify(document) : text.join("\n");
    if (printed !== "") say(printed);
    return exitCode;
  } catch (thrown) {
    const { reason } = outside.cutOff;
    // Any other error of a command that ends itself follows from its interruption.
    const isOwnEnd = thrown instanceof OpsError && thrown.exitCode === 4;
    const error = isInterruption(reason) && !isOwnEnd ? reason : thrown;
    const { message, exitCode } = endOf(error, { standing, begun, env: outside.env });
    warn(message);
    if (json) say(JSON.stringify({ error: message, exit_code: exitCode }));
    return exitCode;
  }
}

/** The time of a command that ends itself. It may be waiting for a server that does not answer. */
const END_MS = 5_000;

/** Returns the error that ended a command, with the state of the work. */
function endOf(
  error: unknown,
  { standing, begun, env }: { standing: Standing | null; begun: RegisteredCommand | null; env: Environment },
): OpsError {
  if (isInterruption(error)) {
    const unchanged = `Nothing was changed. Next: ${begun?.name ?? "the command"} again.`;
    return halfWay(`Stopped by ${error.message}. ${standing?.message ?? begun?.ifStopped ?? unchanged}`);
  }
  const reason = reasonOf(error, env);
  if (standing === null && isLost(error)) {
    return new OpsError(reason.exitCode, `${reason.message} ${begun?.ifStopped ?? "Nothing was changed."}`);
  }
  if (standing === null || (!standing.changed && reason.exitCode !== 3)) return reason;
  return new OpsError(standing.changed ? 4 : reason.exitCode, `${reason.message} ${standing.message}`);
}

/** Returns whether the database may have done what it did not answer. */
function isLost(error: unknown): boolean {
  const fault = error instanceof DbError ? databaseFault(error.code) : null;
  return fault?.name === "connection_lost" || fault?.name === "too_slow";
}

function isInterruption(error: unknown): error is DOMException {
  return error instanceof DOMException && error.name === "AbortError";
}

/** Explains an error. A database error that no command explained comes from the owner's connection. */
function reasonOf(error: unknown, env: Environment): OpsError {
  if (error instanceof OpsError) return error;
  return databaseFailure(error, () => ownerUrl(env)) ?? fileFailure(error) ?? unexpected(error);
}

/**
 * Returns an unexpected error of ours by type and place. Its message is left out, because it could quote a value of the
 * database.
 */
function unexpected(thrown: unknown): OpsError {
  const { error, code, constraint, at = [] } = errorFields(thrown);
  const what = [error, code, constraint].filter((part) => part !== undefined).join(", ");
  return new OpsError(1, [`An unexpected error of this program: ${what}`, ...at].join("\n    "));
}

/**
 * Returns the command of this program. A printed command has to work in the shell that printed it; both package
 * managers set a variable.
 */
function programOf(env: Environment): string {
  return env.npm_config_user_agent?.startsWith("pnpm/") ? "pnpm --silent ops" : "npm run -s ops --";
}
