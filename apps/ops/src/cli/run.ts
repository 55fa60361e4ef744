import type { Environment } from "@call-ledger/config";
import { errorFields } from "@call-ledger/process/errors";
import { databaseFailure } from "../database/database-failure.ts";
import { ownerUrl } from "../database/owner-url.ts";
import type { RegisteredCommand } from "../start/registry.ts";
import type { ExitCode } from "./command.ts";
import { OpsError } from "./command.ts";
import { printableLines } from "./printable.ts";
import { resultOf } from "./program.ts";

/** Where a run's words go and what it knows from outside. */
export type Outside = {
  readonly env: Environment;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** All of standard input. */
  readonly input: () => Promise<string>;
  now(): number;
  /** `null`: nobody is there to answer. */
  ask(question: string): Promise<string | null>;
};

/**
 * Runs one command line. Under `--json` standard output gets exactly one document, for a failure too:
 * `{"error": …, "exit_code": …}`; what went wrong is on standard error either way.
 */
export async function run(
  args: readonly string[],
  commands: readonly RegisteredCommand[],
  outside: Outside,
): Promise<ExitCode> {
  const json = args.includes("--json");
  const say = (text: string) => outside.out(`${printableLines(text)}\n`);
  const warn = (text: string) => outside.err(`${printableLines(text)}\n`);
  try {
    const line = args[0] === "help" ? [...args.slice(1), "--help"] : args;
    const {
      document,
      text,
      exitCode = 0,
    } = await resultOf(line, commands, {
      env: outside.env,
      program: programOf(outside.env),
      now: outside.now,
      ask: (question) => outside.ask(printableLines(question)),
      progress: (text) => (json ? undefined : say(text)),
      standardInput: outside.input,
      warn,
    });
    const printed = json ? JSON.stringify(document) : text.join("\n");
    if (printed !== "") say(printed);
    return exitCode;
  } catch (error) {
    const { message, exitCode } = reasonOf(error, outside.env);
    warn(message);
    if (json) say(JSON.stringify({ error: message, exit_code: exitCode }));
    return exitCode;
  }
}

/** A database error that no command explained comes from the owner's connection. */
function reasonOf(error: unknown, env: Environment): OpsError {
  if (error instanceof OpsError) return error;
  return databaseFailure(error, () => ownerUrl(env)) ?? unexpected(error);
}

/** A fault of ours. Says what was thrown and where; the error's message could quote a value of the database. */
function unexpected(thrown: unknown): OpsError {
  const { error, code, constraint, at = [] } = errorFields(thrown);
  const what = [error, code, constraint].filter((part) => part !== undefined).join(", ");
  return new OpsError(1, [`Something went wrong that should not: ${what}`, ...at].join("\n    "));
}

/** A printed command has to work in the shell that printed it; both package managers say who they are. */
function programOf(env: Environment): string {
  return env.npm_config_user_agent?.startsWith("pnpm/") ? "pnpm --silent ops" : "npm run -s ops --";
}
