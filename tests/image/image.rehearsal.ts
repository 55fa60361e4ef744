import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync } from "node:fs";
import { dirname, join, matchesGlob } from "node:path";
import type { Dockerfile, Instruction } from "dockerfile-ast";
import { projectFiles, ROOT, read } from "../pipeline/project.files.ts";

/*
 * Executes the Dockerfile without a container engine: each stage gets an empty folder as its file system, COPY copies,
 * RUN runs. It knows only the forms that our Dockerfile uses, and throws an error for any other.
 */

/** The last stage: the folder of its files, and the environment of its processes. */
export type RehearsedImage = {
  /** The path of the working directory on this machine. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** The words of CMD. */
  readonly command: readonly string[];
  /** The words of HEALTHCHECK's CMD. */
  readonly healthcheck: readonly string[];
};

type Stage = {
  readonly name: string;
  /** The folder that is the stage's `/`. */
  readonly root: string;
  readonly env: Record<string, string>;
  workdir: string;
  command: readonly string[];
  healthcheck: readonly string[];
};

/** Returns the paths of the build context: the project's files without those in `.dockerignore`. */
export function contextFiles(): string[] {
  const ignored = read(".dockerignore")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const isIgnored = (path: string): boolean =>
    path !== "." &&
    (ignored.some((pattern) => path === pattern || matchesGlob(path, pattern)) || isIgnored(dirname(path)));
  return projectFiles().filter((path) => !isIgnored(path));
}

/** Executes all stages in folders within `into`. Throws an Error with the output of a RUN that fails. */
export function rehearseImage(
  dockerfile: Dockerfile,
  into: string,
  outside: Readonly<Record<string, string>>,
): RehearsedImage {
  const stages: Stage[] = [];
  for (const instruction of dockerfile.getInstructions()) {
    const words = instruction.getArguments().map((argument) => argument.getValue());
    const keyword = instruction.getKeyword();
    if (keyword === "FROM") {
      const root = join(into, String(stages.length));
      mkdirSync(root);
      const name = words[2] ?? "";
      stages.push({ name, root, env: {}, workdir: "/", command: [], healthcheck: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined) throw new Error(`${keyword} is before FROM`);
    const rest = argumentsOf(instruction);
    apply(stage, { keyword, words, rest }, stages, outside);
  }
  const last = stages.at(-1);
  if (last === undefined) throw new Error("there is no FROM");
  const { env, command, healthcheck } = last;
  return { folder: join(last.root, last.workdir), env, command, healthcheck };
}

/** Returns the text after the keyword, with flags. */
export function argumentsOf(instruction: Instruction): string {
  return instruction.getTextContent().slice(instruction.getInstruction().length).trim();
}

type Step = { readonly keyword: string; readonly words: readonly string[]; readonly rest: string };

function apply(
  stage: Stage,
  { keyword, words, rest }: Step,
  stages: readonly Stage[],
  outside: Readonly<Record<string, string>>,
): void {
  const folder = join(stage.root, stage.workdir);
  switch (keyword) {
    case "WORKDIR":
      stage.workdir = words[0] ?? "/";
      mkdirSync(join(stage.root, stage.workdir), { recursive: true });
      return;
    case "ENV":
      for (const word of words) Object.assign(stage.env, Object.fromEntries([word.split("=", 2)]));
      return;
    case "COPY":
      copy(rest.split(/\s+/), folder, stages);
      return;
    case "RUN":
      execFileSync("/bin/sh", ["-c", rest], {
        cwd: folder,
        env: { ...outside, ...stage.env },
        stdio: ["ignore", "pipe", "pipe"],
        timeout: 300_000,
      });
      return;
    case "CMD":
      stage.command = JSON.parse(rest);
      return;
    case "HEALTHCHECK":
      stage.healthcheck = JSON.parse(rest.slice(rest.indexOf("[")));
      return;
    case "USER":
    case "EXPOSE":
    case "STOPSIGNAL":
      return;
    default:
      throw new Error(`the rehearsal does not know ${keyword}`);
  }
}

function copy(words: readonly string[], folder: string, stages: readonly Stage[]): void {
  const [first = "", second = "", third = ""] = words;
  if (words.length === 2 && first === "." && second === ".") {
    for (const path of contextFiles()) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      cpSync(join(ROOT, path), join(folder, path), { verbatimSymlinks: true });
    }
    return;
  }
  const from = stages.find(({ name }) => `--from=${name}` === first);
  if (words.length !== 3 || from === undefined) throw new Error(`the rehearsal does not know COPY ${words}`);
  cpSync(join(from.root, second), join(folder, third), { recursive: true });
}

/** Returns the pnpm store of this machine, so that a clean copy installs without a network. */
export function pnpmStore(): string {
  return execFileSync("pnpm", ["store", "path"], { cwd: ROOT, encoding: "utf8" }).trim();
}
