import type { Environment } from "@call-ledger/config";

/** 0 done, 1 failed, 2 used wrongly, 3 something that is needed cannot be reached or is missing, 4 stopped half-way, or another operation runs. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** One `--option` of a command. */
type Option = {
  readonly about: string;
  /** What stands for the value in the help: ID, URL, N. Without it the option is a flag. */
  readonly value?: string;
  readonly required?: true;
  /** The values that there are; default: any. */
  readonly words?: readonly string[];
  /** Reads the value, which is trimmed and not empty; default: the text. Throws a usage error that names `option`. */
  readonly parse?: (text: string, option: string) => unknown;
};

export type Options = Readonly<Record<string, Option>>;

type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;

type Parsed<One> = One extends { readonly parse: (...args: never) => infer Value }
  ? Value
  : One extends { readonly words: readonly (infer Word)[] }
    ? Word
    : string;

type Given<One> = One extends { readonly value: string }
  ? Parsed<One> | (One extends { readonly required: true } ? never : undefined)
  : boolean;

/** The options as a command gets them: `--max-age` is `maxAge`, and `undefined` if it was not given. */
export type Input<All extends Options> = {
  readonly [Name in keyof All & string as CamelCase<Name>]: Given<All[Name]>;
};

/** What a command may use beyond its input. */
export type Surroundings = {
  readonly env: Environment;
  /** How this program is called in the shell that called it, such as `pnpm --silent ops`. */
  readonly program: string;
  /** Milliseconds. */
  now(): number;
  /** A line for people while the work goes on; nobody sees it under `--json`. */
  progress(line: string): void;
  /** All of standard input. */
  standardInput(): Promise<string>;
  /** A line on standard error. */
  warn(line: string): void;
  /** An answer from the terminal; `null` where nobody sits there. */
  ask(question: string): Promise<string | null>;
  /** Says how things stand from now on, for the case that the command ends before its time. */
  standsAt(standing: Standing): void;
  /** Aborted by an interruption, after which the command has to end by itself. If nobody asks for it, an interruption ends the command. */
  interruption(): AbortSignal;
};

/** How things stand while a command works. */
export type Standing = {
  /** Something was changed that the rest of the command belongs to: an end is half-way, exit code 4. */
  readonly changed: boolean;
  /** Sentences: what was done and what was not, what lies behind, which command goes on. */
  readonly said: string;
};

/** What a command has to say in the end. */
export type Result = {
  /** For `--json`: objects and lists in snake_case. */
  readonly document: unknown;
  /** For people, in lines. */
  readonly text: readonly string[];
  /** Default 0. */
  readonly exitCode?: ExitCode;
};

export type Command<All extends Options = Options> = {
  /** Paragraphs for a stranger. */
  readonly about: string;
  readonly options: All;
  /** What may stand beside the options, as the help shows it. Default: nothing may. */
  readonly values?: string;
  readonly examples: readonly string[];
  /** `values` is what stood beside the options. */
  run(input: Input<All>, surroundings: Surroundings, values: readonly string[]): Promise<Result>;
};

/** A command whose `run` gets its options with their types. */
export function command<const All extends Options>(definition: Command<All>): Command<All> {
  return definition;
}

/** The reason why a command ended early; its message is for people and holds neither secrets nor phone numbers. */
export class OpsError extends Error {
  override readonly name = "OpsError";
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const failure = (message: string) => new OpsError(1, message);
export const usage = (message: string) => new OpsError(2, message);
export const unreachable = (message: string) => new OpsError(3, message);
export const halfWay = (message: string) => new OpsError(4, message);
