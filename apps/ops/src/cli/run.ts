import type { Environment } from "@call-ledger/config";
import { DbError } from "@call-ledger/db/client";
import { errorFields } from "@call-ledger/process/errors";
import { databaseFailure } from "../database/database-failure.ts";
import { ownerUrl } from "../database/owner-url.ts";
import type { RegisteredCommand } from "../start/registry.ts";
import type { ExitCode, Result } from "./command.ts";
import { OpsError, usage } from "./command.ts";
import { helpOf, overview } from "./help.ts";
import { readInput } from "./read-input.ts";

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
  try {
    const { document, text, exitCode = 0 } = await resultOf(args, commands, outside);
    const printed = json ? JSON.stringify(document) : text.join("\n");
    if (printed !== "") outside.out(`${printed}\n`);
    return exitCode;
  } catch (error) {
    const { message, exitCode } = reasonOf(error, outside.env);
    outside.err(`${message}\n`);
    if (json) outside.out(`${JSON.stringify({ error: message, exit_code: exitCode })}\n`);
    return exitCode;
  }
}

/** A database error that no command explained comes from the owner's connection. */
function reasonOf(error: unknown, env: Environment): OpsError {
  if (error instanceof OpsError) return error;
  const known = error instanceof DbError ? databaseFailure(error, ownerUrl(env)) : undefined;
  return known ?? unexpected(error);
}

/** A fault of ours. Says what was thrown and where; the error's message could quote a value of the database. */
function unexpected(thrown: unknown): OpsError {
  const { error, code, constraint, at = [] } = errorFields(thrown);
  const what = [error, code, constraint].filter((part) => part !== undefined).join(", ");
  return new OpsError(1, [`Something went wrong that should not: ${what}`, ...at].join("\n    "));
}

async function resultOf(
  args: readonly string[],
  commands: readonly RegisteredCommand[],
  outside: Outside,
): Promise<Result> {
  const program = programOf(outside.env);
  const rest = args[0] === "help" ? [...args.slice(1), "--help"] : args;
  const found = commands.find(({ name }) => name.split(" ").every((word, place) => rest[place] === word));
  if (found === undefined) return guidance(program, rest, commands);

  const command = await found.load();
  const { input, json, help } = readInput(found.name, command, rest.slice(found.name.split(" ").length));
  if (help) return helpResult(helpOf(program, found, command));
  return command.run(input, {
    env: outside.env,
    program,
    now: outside.now,
    ask: outside.ask,
    progress: (line) => (json ? undefined : outside.out(`${line}\n`)),
    standardInput: outside.input,
    warn: (line) => outside.err(`${line}\n`),
  });
}

/** Help where it was asked for; else what is wrong with the command's name, and what there is instead. */
function guidance(program: string, args: readonly string[], commands: readonly RegisteredCommand[]): Result {
  const words = args.filter((word) => !word.startsWith("-"));
  const [first] = words;
  const group = commands.filter(({ name }) => name.split(" ")[0] === first);
  const shown = group.length > 0 ? group : commands;
  const isHelp = args.includes("--help") || args.includes("-h");
  if (isHelp && (first === undefined || (group.length > 0 && words.length === 1))) {
    return helpResult(overview(program, shown));
  }
  const names = shown.map(({ name }) => name).join(", ");
  throw usage(
    first === undefined
      ? `Which command? There are: ${names}.\n${program} --help says what they do.`
      : `There is no such command; there are: ${names}.`,
  );
}

function helpResult(text: string): Result {
  return { document: { help: text }, text: [text] };
}

/** A printed command has to work in the shell that printed it; both package managers say who they are. */
function programOf(env: Environment): string {
  return env.npm_config_user_agent?.startsWith("pnpm/") ? "pnpm --silent ops" : "npm run -s ops --";
}
