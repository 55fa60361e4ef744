import { Command as Cli, CommanderError, InvalidArgumentError, Option } from "commander";
import type { RegisteredCommand } from "../start/registry.ts";
import type { Command, Input, Options, Result, Surroundings } from "./command.ts";
import { usage } from "./command.ts";

const HELP_WIDTH = 100;
const ABOUT =
  "The operator's commands of call-ledger: its database, organizations with their keys, accounts and agents, " +
  "quarantine, recordings, and a simulated call.";
const DATABASE =
  "The database is the one of DIRECT_DATABASE_URL, else of DATABASE_URL, else the one that a local `npm start` runs.";
const JSON_ABOUT = "With --json every command prints one JSON document and nothing else.";
const EXIT_CODES =
  "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a needed resource is missing or unreachable, 4 stopped half-way, or another operation runs.";

/**
 * Runs one command line. Only the named command is loaded, after `begins` was told of it. Help is a result too. Throws
 * OpsError.
 */
export async function runCommand(
  args: readonly string[],
  commands: readonly RegisteredCommand[],
  surroundings: Surroundings,
  begins: (command: RegisteredCommand) => void,
): Promise<Result> {
  const { program } = surroundings;
  let help = "";
  let result: Result | undefined;
  const cli = new Cli(program)
    .description(ABOUT)
    .usage("<command> [options]")
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        help += text;
      },
      writeErr: () => undefined,
    })
    .configureHelp({
      helpWidth: Math.min(HELP_WIDTH, process.stdout.columns ?? HELP_WIDTH),
      visibleCommands: leavesOf,
      subcommandTerm: nameOf,
      optionDescription: ({ description }) => description,
    })
    .addHelpText(
      "after",
      ["", `${program} <command> --help describes a command. ${JSON_ABOUT}`, "", DATABASE, EXIT_CODES].join(
        "\n",
      ),
    );
  for (const { name, summary } of commands) {
    const [first = "", second] = name.split(" ");
    const parent = second === undefined ? cli : (childOf(cli, first) ?? cli.command(first));
    (childOf(parent, second ?? first) ?? parent.command(second ?? first)).summary(summary);
  }
  const define = async (_parent: Cli, one: Cli) => {
    const found = commands.find(({ name }) => name === nameOf(one));
    if (found === undefined) {
      one.addHelpText("before", () => refuseUnknown(one));
      return;
    }
    begins(found);
    defineCommand(one, await found.load(), surroundings, (ended) => {
      result = ended;
    });
  };
  for (const one of [cli, ...cli.commands]) one.hook("preSubcommand", define);
  try {
    await cli.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usage(complaint(error, namedIn(cli), program));
  }
  return result ?? { document: { help: help.trimEnd() }, text: [help.trimEnd()] };
}

/** Adds the options and the help of a command. */
function defineCommand(
  cli: Cli,
  command: Command,
  surroundings: Surroundings,
  ended: (result: Result) => void,
): void {
  const { about, options, values, examples } = command;
  const required: Option[] = [];
  cli.description(about).usage(values === undefined ? "[options]" : `${values} [options]`);
  if (values !== undefined) cli.argument("[values...]");
  for (const [name, spec] of Object.entries(options)) {
    if (spec.value === undefined) {
      cli.option(`--${name}`, spec.about, false);
      continue;
    }
    const option = new Option(
      `--${name} <${spec.value}>`,
      spec.required ? `${spec.about} (required)` : spec.about,
    );
    if (spec.required) required.push(option);
    cli.addOption(
      option.argParser((given) => {
        if (cli.options.some(({ long }) => long === given)) throw new InvalidArgumentError("an option");
        const text = given.trim();
        if (text === "" && spec.required) return text;
        if (text === "") throw usage(`--${name} is missing.`);
        if (spec.words?.includes(text) === false)
          throw usage(`--${name} is one of ${spec.words.join(", ")}.`);
        return spec.parse === undefined ? text : spec.parse(text, `--${name}`);
      }),
    );
  }
  const shown = examples.map((example) => `  ${surroundings.program} ${example}`);
  cli
    .option("--json", "one JSON document on standard output, nothing else")
    .addHelpText("after", ["", "Examples:", ...shown, "", EXIT_CODES].join("\n"))
    .action(async () => {
      const missing = required.filter((option) => (cli.getOptionValue(option.attributeName()) ?? "") === "");
      if (missing.length > 0) {
        const flags = missing.map((option) => option.flags.replace(/[<>]/g, ""));
        throw usage(`${nameOf(cli)} needs ${flags.join(" and ")}.`);
      }
      ended(await command.run(cli.opts<Input<Options>>(), surroundings, cli.args));
    });
}

/**
 * Returns the fault of a command line and the valid alternatives. Values are not quoted, because they can be secrets.
 */
function complaint({ code, message }: CommanderError, cli: Cli, program: string): string {
  const name = nameOf(cli);
  const options = [...cli.options.map(({ long }) => long), "--help"];
  const instead =
    cli.options.length > 0 ? `${name} knows ${options.join(", ")}.` : `There are: ${namesIn(cli)}.`;
  const flag = /'(--?[^ =']+)/.exec(message)?.[1] ?? "";
  switch (code) {
    case "commander.help":
      return `Which command? ${instead}\n${program} --help describes them.`;
    case "commander.excessArguments":
      return `${name} takes only options, but got a value without an option. ${instead}`;
    case "commander.invalidArgument":
    case "commander.optionMissingArgument":
      return `${flag} needs a value.\n${instead}`;
    case "commander.unknownOption":
      if (options.includes(flag)) return `${flag} takes no value.\n${instead}`;
  }
  return `${message.replace(/^error: u/, "U").replace(/=.*'/, "'")}\n${instead}`;
}

/** Refuses an unknown command. Without this, a group would show its help for one. */
function refuseUnknown(group: Cli): string {
  const [word] = group.args;
  if (word === undefined || word.startsWith("-")) return "";
  throw usage(`Unknown command '${word}'\nThere are: ${namesIn(group)}.`);
}

/** Returns the command that a parsed command line names, or the group if it names none. */
function namedIn(cli: Cli): Cli {
  const child = childOf(cli, cli.args[0]);
  return child === undefined ? cli : namedIn(child);
}

function childOf(cli: Cli, name: string | undefined): Cli | undefined {
  return cli.commands.find((child) => child.name() === name);
}

/** Returns the commands of the program or of a group. A group that is no command has no summary. */
function leavesOf(cli: Cli): Cli[] {
  return cli.commands.flatMap((child) => [...(child.summary() === "" ? [] : [child]), ...child.commands]);
}

/** Returns a name such as `agent add`. */
function nameOf(cli: Cli): string {
  return cli.parent?.parent ? `${cli.parent.name()} ${cli.name()}` : cli.name();
}

function namesIn(cli: Cli): string {
  return leavesOf(cli).map(nameOf).join(", ");
}
