import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Program } from "@call-ledger/testkit/process";
import { startProgram } from "@call-ledger/testkit/process";
import { inject } from "vitest";

/** A production build in a folder, with the migrations that it knows. */
export type Release = {
  readonly folder: string;
  /** The commit as the platform reports it. */
  readonly commit: string;
};

const NAMED = ["-c", "user.name=t", "-c", "user.email=t@t.test", "-c", "init.defaultBranch=main"];

/**
 * Makes the first release of the programs of this run. Its folder is also a clone, in which the migrations and their
 * schema are committed. The files that the operator's program reads from a real clone are in the same places.
 */
export function firstRelease(folder: string, commit: string): Release {
  cpSync(join(dirname(inject("programs").api), ".."), folder, { recursive: true });
  symlinkSync(".", join(folder, "dist"));
  const squawk = createRequire(import.meta.resolve("@call-ledger/ops/start")).resolve(
    "squawk-cli/package.json",
  );
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(dirname(squawk), join(folder, "node_modules", "squawk-cli"));
  git(folder, "init", "-q");
  git(folder, "commit", "-q", "--allow-empty", "-m", "begin");
  commitAll(folder, commit);
  return { folder, commit };
}

/** Makes another release from the same build, with one more migration. */
export function laterRelease(
  { folder }: Release,
  into: string,
  commit: string,
  migration: { readonly tag: string; readonly sql: string },
): Release {
  cpSync(folder, into, { recursive: true, verbatimSymlinks: true });
  addMigration(join(into, "migrations"), migration);
  commitAll(into, commit);
  return { folder: into, commit };
}

function commitAll(folder: string, message: string): void {
  writeFileSync(join(folder, ".gitignore"), "*\n");
  git(folder, "add", "-f", ".gitignore", "migrations", "schema.sql");
  git(folder, "commit", "-q", "-m", message);
}

function git(folder: string, ...args: string[]): void {
  execFileSync("git", [...NAMED, ...args], { cwd: folder, stdio: "pipe" });
}

function addMigration(folder: string, { tag, sql }: { readonly tag: string; readonly sql: string }): void {
  const path = join(folder, "meta", "_journal.json");
  const journal: { entries: { idx: number; when: number; tag: string }[] } = JSON.parse(
    readFileSync(path, "utf8"),
  );
  const { entries } = journal;
  entries.push({ ...entries.at(-1), idx: entries.length, when: (entries.at(-1)?.when ?? 0) + 1, tag });
  writeFileSync(path, JSON.stringify(journal));
  writeFileSync(join(folder, `${tag}.sql`), sql);
}

export type Finished = { readonly code: number | string; readonly stdout: string; readonly stderr: string };

/** Runs the operator's program of a release. */
export async function ops(
  { folder }: Release,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Finished> {
  const program = startProgram([join(folder, "ops", "ops.mjs"), ...args], { cwd: folder, env });
  const code = await program.ended;
  return { code, stdout: program.stdout(), stderr: program.stderr() };
}

/** One service at one address. It replaces its release as a platform does. */
export class Platform {
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  private running: Program | null = null;
  private hook: Server | null = null;
  /** The number of deployments that were ordered through the hook. */
  orders = 0;

  constructor(port: number, env: Readonly<Record<string, string>>) {
    this.port = port;
    this.env = env;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Stops the running release and starts another in its place. */
  async put({ folder, commit }: Release): Promise<void> {
    await this.stop();
    this.running = startProgram([join(folder, "api", "server.mjs")], {
      cwd: folder,
      env: { ...this.env, PORT: String(this.port), RENDER_GIT_COMMIT: commit },
      output: "errors",
    });
  }

  async stop(): Promise<void> {
    this.running?.signal("SIGTERM");
    await this.running?.ended;
    this.running = null;
  }

  /**
   * Starts a deploy hook and returns its URL. After its answer it deploys the newest release, or the one whose commit
   * is ordered.
   */
  async deployHook(newest: Release, ...older: readonly Release[]): Promise<string> {
    this.hook?.close();
    this.hook = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "", this.url);
      const ref = searchParams.get("ref");
      const ordered = ref === null ? newest : older.find(({ commit }) => commit === ref);
      const isKnown =
        request.method === "POST" && pathname === "/deploy" && searchParams.get("key") === "hook-secret";
      response.writeHead(isKnown && ordered !== undefined ? 200 : 404).end();
      if (!isKnown || ordered === undefined) return;
      this.orders += 1;
      void this.put(ordered);
    });
    await new Promise<void>((resolve) => this.hook?.listen(0, "127.0.0.1", resolve));
    const address = this.hook.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/deploy?key=hook-secret`;
  }

  async close(): Promise<void> {
    this.hook?.close();
    await this.stop();
  }
}
