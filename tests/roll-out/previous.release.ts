import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";
import { ROOT, read } from "../pipeline/project.files.ts";

const MIGRATIONS = "packages/db/migrations";

const releasesSchema = z.strictObject({
  /** Oldest first. */
  releases: z.array(
    z.strictObject({
      version: z.string().regex(/^\d+\.\d+\.\d+$/),
      commit: z.string().regex(/^[0-9a-f]{40}$/),
      /** The number of migrations that the release knows. */
      migrations: z.number().int().positive(),
    }),
  ),
});

/** Returns the content of `docs/releases.json`. */
export function releases(): z.output<typeof releasesSchema>["releases"] {
  return releasesSchema.parse(JSON.parse(read("docs/releases.json"))).releases;
}

/**
 * Returns the commit of the release before this one: the newest in `docs/releases.json`. If that has no release, it is
 * the last commit whose migrations are the beginning of today's; if there is no such commit, the last commit. Throws if
 * the history is cut off.
 */
export function previousRelease(): string {
  if (git("rev-parse", "--is-shallow-repository") === "true") {
    throw new Error(
      "the history is cut off and the release before this one is not in it: git fetch --unshallow",
    );
  }
  const recorded = releases().at(-1);
  if (recorded !== undefined) return recorded.commit;
  const today = migrationsToday();
  const head = git("rev-parse", "HEAD");
  const changes = git("log", "--first-parent", "--format=%H", "--", MIGRATIONS).split("\n");
  const candidates = [head, ...changes.flatMap(parentOf)];
  return candidates.find((commit) => isBeginning(migrationsAt(commit), today)) ?? head;
}

/** Returns the names of a commit's migrations with the hashes of their files, oldest first. */
export function migrationsAt(commit: string): string[] {
  return git("ls-tree", commit, `${MIGRATIONS}/`)
    .split("\n")
    .filter((line) => line.endsWith(".sql"))
    .map((line) => line.split(/\s/).slice(2).join(" "));
}

function migrationsToday(): string[] {
  const paths = git("ls-files", "--cached", "--others", "--exclude-standard", `${MIGRATIONS}/*.sql`)
    .split("\n")
    .sort();
  const hashes = git("hash-object", ...paths).split("\n");
  return paths.map((path, index) => `${hashes[index]} ${path}`);
}

/** Returns whether `some` is shorter than `all` and is its beginning. */
export function isBeginning(some: readonly string[], all: readonly string[]): boolean {
  return some.length > 0 && some.length < all.length && some.every((one, index) => one === all[index]);
}

function parentOf(commit: string): string[] {
  const [, ...parents] = git("rev-list", "--parents", "-n", "1", commit).split(" ");
  return parents.slice(0, 1);
}

/**
 * Checks a commit out into a folder of its own and builds it there. Throws with the output of git, pnpm or the build.
 */
export function buildCommit(commit: string, folder: string): { readonly api: string; readonly ops: string } {
  // Removes the worktrees of killed test runs.
  git("worktree", "prune");
  git("worktree", "add", "--detach", folder, commit);
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], timeout: 300_000 });
  // All packages: a filter of today's names need not fit another commit's dependencies.
  run("pnpm", "install", "--frozen-lockfile", "--prefer-offline");
  run(process.execPath, "tooling/build/src/run-build.ts");
  return { api: join(folder, "dist/api/server.mjs"), ops: join(folder, "dist/ops/ops.mjs") };
}

export function removeWorktree(folder: string): void {
  git("worktree", "remove", "--force", folder);
}

function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}
