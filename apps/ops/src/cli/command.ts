import type { Environment } from "@call-ledger/config";

/** 0 done, 1 failed, 2 used wrongly, 3 something that is needed cannot be reached or is missing, 4 stopped half-way. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** One `--option` of a command. */
type Option =
  | { readonly takes: "nothing"; readonly about: string }
  | {
      readonly takes: "value";
      /** What stands for the value in the help: ID, URL, N. */
      readonly value: string;
      readonly about: string;
      readonly required?: true;
    };

/** What a command was called with. */
export type Input = {
  /** The value of an option, `undefined` where it was not given. */
  text(option: string): string | undefined;
  /** Whether an option that takes no value was given. */
  flag(option: string): boolean;
  /** What stood beside the options. */
  readonly values: readonly string[];
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

export type Command = {
  /** Paragraphs for a stranger. */
  readonly about: string;
  readonly options: Readonly<Record<string, Option>>;
  /** What may stand beside the options, as the help shows it. Default: nothing may. */
  readonly values?: string;
  readonly examples: readonly string[];
  run(input: Input, surroundings: Surroundings): Promise<Result>;
};

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
