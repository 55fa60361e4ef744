import type { Command } from "./command.ts";
import { table } from "./table.ts";

export type CommandEntry = { readonly name: string; readonly summary: string };

const COMMON = [
  ["--json", "one JSON document on standard output, nothing else"],
  ["--help", "this text"],
] as const;

const WIDTH = 100;
const EXIT_CODES =
  "Exit codes: 0 done, 1 failed, 2 used wrongly, 3 something needed cannot be reached or is missing, 4 stopped half-way.";

/** The help of everything, or of the commands that begin with one word. */
export function overview(program: string, commands: readonly CommandEntry[]): string {
  const lines = indented(commands.map(({ name, summary }) => [name, summary]));
  return [
    "The operator's hand on call-ledger: its database, organizations with their keys, accounts and agents, quarantine, recordings, and a simulated call.",
    "",
    `Usage: ${program} <command> [options]`,
    "",
    "Commands:",
    ...lines,
    "",
    "Options of every command:",
    ...indented(COMMON),
    "",
    `What a command does in detail: ${program} <command> --help`,
    "",
    "The database is the one of DIRECT_DATABASE_URL, else of DATABASE_URL, else the one that a local `npm start` runs.",
    EXIT_CODES,
  ].join("\n");
}

/** The help of one command. */
export function helpOf(program: string, { name }: CommandEntry, command: Command): string {
  const options = Object.entries(command.options).map(([option, spec]) => {
    const value = spec.takes === "value" ? ` ${spec.value}` : "";
    return { form: `--${option}${value}`, about: spec.about, required: "required" in spec };
  });
  const forms = options.map(({ form, required }) => (required ? form : `[${form}]`));
  const usage = [name, ...(command.values === undefined ? [] : [command.values]), ...forms, "[--json]"];
  return [
    ...wrapped(`Usage: ${program} ${usage.join(" ")}`, "  "),
    "",
    ...wrapped(command.about),
    "",
    "Options:",
    ...indented([...options.map(({ form, about }) => [form, about] as const), ...COMMON]),
    "",
    command.examples.length === 1 ? "Example:" : "Examples:",
    ...command.examples.map((example) => `  ${program} ${example}`),
    "",
    EXIT_CODES,
  ].join("\n");
}

function indented(rows: readonly (readonly [string, string])[]): string[] {
  return table(["", ""], rows)
    .slice(1)
    .map((line) => `  ${line}`);
}

/** Lines of at most 100 characters; those after the first begin with `indent`. */
function wrapped(text: string, indent = ""): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/ (?![^[]*\])/)) {
    if (line !== "" && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent + word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
