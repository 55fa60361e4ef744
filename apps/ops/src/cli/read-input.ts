import { parseArgs } from "node:util";
import type { Command, Input } from "./command.ts";
import { usage } from "./command.ts";

/** A command's arguments, read. */
export type ReadInput = { readonly input: Input; readonly json: boolean; readonly help: boolean };

type Options = Command["options"];

/** Reads what follows a command's name. Throws a usage error that says what the command knows. */
export function readInput(name: string, command: Command, args: readonly string[]): ReadInput {
  const { values, positionals } = parsed(name, command.options, args);
  const given = (option: string): unknown => Reflect.get(values, option);
  const help = given("help") === true;
  const json = given("json") === true;
  const input: Input = {
    text: (option) => {
      const value = given(option);
      return typeof value === "string" ? value : undefined;
    },
    flag: (option) => given(option) === true,
    values: positionals,
  };
  if (!help) check(name, command, input);
  return { input, json, help };
}

function parsed(name: string, options: Options, args: readonly string[]) {
  const known = Object.entries(options).map(
    ([option, { takes }]) => [option, { type: takes === "value" ? "string" : "boolean" }] as const,
  );
  try {
    return parseArgs({
      args: withValuesJoined(options, args),
      allowPositionals: true,
      strict: true,
      options: {
        ...Object.fromEntries(known),
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw usage(`${complaint(error)}\n${name} knows ${optionNames(options).join(", ")}.`);
  }
}

/** `--secret -x` as `--secret=-x`: a secret may begin with a dash. Another option of the command is never a value. */
function withValuesJoined(options: Options, args: readonly string[]): string[] {
  const known = new Set(optionNames(options));
  const joined: string[] = [];
  for (let place = 0; place < args.length; place += 1) {
    const [word = "", next] = args.slice(place, place + 2);
    const takesNext = options[word.slice(2)]?.takes === "value" && next !== undefined && !known.has(next);
    joined.push(word.startsWith("--") && takesNext ? `${word}=${next}` : word);
    if (word.startsWith("--") && takesNext) place += 1;
  }
  return joined;
}

/** What node:util says of an option, shorter; its messages name options and never a value. */
function complaint(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, verb, option] = /^(Unknown option|Option) '(?:-\w, )?(-[^'= ]+)/.exec(message) ?? [];
  if (option === undefined) return message;
  if (verb === "Unknown option") return `There is no option ${option}.`;
  return message.includes("does not take") ? `${option} takes no value.` : `${option} needs a value.`;
}

function check(name: string, { options, values }: Command, input: Input): void {
  const missing = Object.entries(options)
    .filter(([option, spec]) => "required" in spec && (input.text(option) ?? "").trim() === "")
    .map(([option, spec]) => `--${option}${spec.takes === "value" ? ` ${spec.value}` : ""}`);
  if (missing.length > 0) throw usage(`${name} needs ${missing.join(" and ")}.`);
  if (values === undefined && input.values.length > 0) {
    throw usage(
      `${name} takes options only, and there is something beside them. It knows ${optionNames(options).join(", ")}.`,
    );
  }
}

function optionNames(options: Options): string[] {
  return [...Object.keys(options), "json", "help"].map((option) => `--${option}`);
}
