import type { Environment } from "@call-ledger/config";

/**
 * 0 done, 1 failed, 2 wrong usage, 3 a needed resource is missing or unreachable, 4 stopped half-way, or another
 * operation runs.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** One `--option` of a command. */
type Option = {
  readonly about: string;
  /** The placeholder of the value in the help: ID, URL, N. Without it the option is a flag. */
  readonly value?: string;
  readonly required?: true;
  /** The allowed values; default: any. */
  readonly words?: readonly string[];
  /** Parses the value, which is trimmed and not empty; default: the text. Throws a usage error that names `option`. */
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

/** The options as a command receives them: `--max-age` is `maxAge`, and `undefined` if it was not given. */
export type Input<All extends Options> = {
  readonly [Name in keyof All & string as CamelCase<Name>]: Given<All[Name]>;
};

/** The context of a command beyond its input. */
export type Surroundings = {
  readonly env: Environment;
  /** The command of this program in the shell that started it, such as `pnpm --silent ops`. */
  readonly program: string;
  /** Returns the time in milliseconds. */
  now(): number;
  /** Prints a line of progress for people; `--json` hides it. */
  progress(line: string): void;
  /** Returns all of standard input. */
  standardInput(): Promise<string>;
  /** Prints a line on standard error. */
  warn(line: string): void;
  /** Returns an answer from the terminal; `null` if there is no terminal. */
  ask(question: string): Promise<string | null>;
  /** Sets the state that is printed if the command ends early; `null`: the command's error says all. */
  standsAt(standing: Standing | null): void;
  /**
   * Aborted by an interruption, after which the command has to end by itself. If no command reads the signal, an
   * interruption ends the process.
   */
  interruption(): AbortSignal;
};

/** The state of the work while a command runs. */
export type Standing = {
  /** Whether something was changed that needs the rest of the command. If so, an early end is half-way: exit code 4. */
  readonly changed: boolean;
  /** Sentences: what was done, what was not, where files are, and which command continues. */
  readonly message: string;
};

/** The result of a command. */
export type Result = {
  /** For `--json`: objects and lists in snake_case. */
  readonly document: unknown;
  /** Lines for people. */
  readonly text: readonly string[];
  /** Default: 0. */
  readonly exitCode?: ExitCode;
};

export type Command<All extends Options = Options> = {
  /** The paragraphs of the help. */
  readonly about: string;
  readonly options: All;
  /** The values beside the options, as the help shows them. Default: none are allowed. */
  readonly values?: string;
  readonly examples: readonly string[];
  /** `values` are the values beside the options. */
  run(input: Input<All>, surroundings: Surroundings, values: readonly string[]): Promise<Result>;
};

/** Defines a command whose `run` gets its options with their types. */
export function command<const All extends Options>(definition: Command<All>): Command<All> {
  return definition;
}

/** The reason why a command ended early. Its message is for people and contains no secrets and no phone numbers. */
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
