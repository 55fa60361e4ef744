import { spawn } from "node:child_process";
import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import type { Environment } from "@call-ledger/config";
import { cleanedUp } from "../cli/clean-up.ts";
import { failure, unreachable } from "../cli/command.ts";

/** An installed program and its major. */
export type FoundClient = { readonly path: string; readonly major: number };

/** The folder in which Debian installs the programs of each major. */
const DEBIAN = "/usr/lib/postgresql";

/**
 * Returns the oldest program that is new enough: an older one refuses a newer server and a newer archive. Searches only
 * `folder` if it is given; else PATH and Debian's folder of each major. Throws unreachable, with the name of the
 * package to install.
 */
export async function clientProgram(
  program: "pg_dump" | "pg_restore",
  min: number,
  { env, folder }: { readonly env: Environment; readonly folder: string | undefined },
): Promise<FoundClient> {
  const folders =
    folder === undefined
      ? [...(env.PATH ?? "").split(delimiter), ...debianFolders()].filter(Boolean)
      : [folder];
  const paths = folders.map((one) => join(one, program)).filter(isExecutable);
  const found = await Promise.all([...new Set(paths)].map(versioned));
  const [fits] = found.filter(({ major }) => major >= min).sort((a, b) => a.major - b.major);
  if (fits !== undefined) return fits;
  const majors = [...new Set(found.map(({ major }) => major))];
  throw unreachable(
    `${program} ${min} or newer is needed, ${majors.length === 0 ? "and there is none" : `there is ${majors.join(", ")}`}` +
      `${folder === undefined ? "" : ` in ${folder}`}. Install the package postgresql-client-${min}. If your distribution does ` +
      "not have it, use the repository of the PostgreSQL project (PGDG, apt.postgresql.org). If the program is installed in " +
      "another folder, name it with --client DIR.",
  );
}

/** A running program: its output as it comes, and its end. */
export type Running = {
  readonly output: AsyncIterable<Uint8Array>;
  /**
   * Rejects with an OpsError that has the program's name and its error output, but not its arguments; unreachable if
   * the program could not connect, or could not write its file.
   */
  readonly ended: Promise<void>;
  stop(): void;
};

export function runProgram(path: string, args: readonly string[], env: Environment): Running {
  const child = spawn(path, args, { env: { ...env, LC_ALL: "C" }, stdio: ["ignore", "pipe", "pipe"] });
  const stop = cleanedUp(() => child.kill());
  const errors = text(child.stderr);
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", ({ message }) => reject(unreachable(`${path} cannot be run: ${message}`)));
    child.once("close", async (code) => {
      stop();
      if (code === 0) return resolve();
      const lines = firstLines(await errors);
      const said = `${path} failed (${code ?? "killed"})${lines === "" ? "" : `: ${lines}`}.`;
      const isAway = /connection to server|could not (?:open|write to) output file/.test(lines);
      reject(isAway ? unreachable(said) : failure(said));
    });
  });
  ended.catch(() => undefined);
  return { output: child.stdout, ended, stop };
}

async function versioned(path: string): Promise<FoundClient> {
  const { output, ended } = runProgram(path, ["--version"], {});
  const version = await text(output);
  await ended;
  return { path, major: Number(/\(PostgreSQL\) (\d+)/.exec(version)?.[1] ?? 0) };
}

/** Returns the lines of the error itself. Other lines may contain rows. */
function firstLines(output: string): string {
  return output
    .split("\n")
    .filter((line) => /error:|detail:|fatal:/i.test(line))
    .slice(0, 2)
    .join(" ")
    .slice(0, 500);
}

function debianFolders(): string[] {
  try {
    return readdirSync(DEBIAN).map((major) => join(DEBIAN, major, "bin"));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
