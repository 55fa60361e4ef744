import { access, constants, stat } from "node:fs/promises";
import { join } from "node:path";
import { failure } from "../../cli/command.ts";
import type { Check, Finding } from "../checks/check.ts";
import type { PreflightInputs } from "./preflight.inputs.ts";

const BUILT = "dist/api/server.mjs";
const SOURCES = ["apps", "packages", "pnpm-lock.yaml"];

/** Checks of the working tree. */
export const REPOSITORY_CHECKS: readonly Check<PreflightInputs>[] = [
  {
    id: "git_history",
    expected: "a commit with an earlier one to go back to",
    async run({ git, root }) {
      const commit = await git.ask("rev-parse", "--short", "HEAD");
      const before = await git.ask("rev-parse", "--short", "HEAD~1");
      return {
        ok: commit !== null && before !== null,
        found:
          commit === null ? `no git history in ${root}` : `at ${commit}, before it ${before ?? "nothing"}`,
        next: "Deploy from a clone with its history: git fetch --unshallow",
      };
    },
  },
  {
    id: "git_clean",
    expected: "no uncommitted changes",
    async run({ git }) {
      const changed = linesOf(await git.ask("status", "--porcelain"));
      return {
        ok: changed !== null && changed.length === 0,
        found: changed === null ? "git failed" : `${changed.length} files changed`,
        next: "Commit or stash them. Uncommitted changes are not deployed, but the checks here see them.",
      };
    },
  },
  {
    id: "git_branch",
    expected: "on a branch, level with its upstream as last fetched",
    run: async ({ git }) => branchFinding(await git.ask("symbolic-ref", "--short", "HEAD"), git),
  },
  {
    id: "migrations_folder",
    expected: "the migrations can be read and written",
    async run({ migrations }) {
      const reason = await access(migrations, constants.R_OK | constants.W_OK).then(
        () => null,
        (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : "unknown"),
      );
      return {
        ok: reason === null,
        found: reason ?? "can be read and written",
        next: "Give this user access to the folder, or deploy as a user with access.",
      };
    },
  },
  {
    id: "build_current",
    expected: `${BUILT} exists, and is newer than every source`,
    run: buildFinding,
  },
];

async function branchFinding(branch: string | null, { ask }: PreflightInputs["git"]): Promise<Finding> {
  if (branch === null) {
    return {
      ok: false,
      found: "not on a branch",
      next: "Check out the branch to deploy: git switch BRANCH",
    };
  }
  const apart = await ask("rev-list", "--left-right", "--count", "HEAD...@{upstream}");
  if (apart === null) return { ok: true, found: `${branch}, without an upstream` };
  const [ahead = 0, behind = 0] = apart.split(/\s+/).map(Number);
  return {
    ok: ahead === 0 && behind === 0,
    found: `${branch}, ${ahead} ahead, ${behind} behind`,
    next: behind > 0 ? "git pull, then test again." : "git push, because only pushed commits are deployed.",
  };
}

/** Compares the times of the files. A file that a checkout changed is newer than a build before it. */
async function buildFinding({ git, root, program }: PreflightInputs): Promise<Finding> {
  const next = "npm run build";
  const built = await stat(join(root, BUILT)).catch(() => null);
  if (built === null) return { ok: false, found: "not built", next };
  const sources = linesOf(await git.ask("ls-files", "--", ...SOURCES));
  if (sources === null) throw failure(`not known without git: run ${program} preflight in a clone`);
  const isSource = (path: string) =>
    /\.(ts|sql|json|ya?ml)$/.test(path) && !/\.test\.ts$|\/test\//.test(path);
  const times = await Promise.all(
    sources
      .filter(isSource)
      .map(async (path) => ({ path, at: (await stat(join(root, path)).catch(() => null))?.mtimeMs ?? 0 })),
  );
  const younger = times.filter(({ at }) => at > built.mtimeMs);
  return {
    ok: younger.length === 0,
    found:
      younger.length === 0
        ? `built ${built.mtime.toISOString()}`
        : `older than ${younger.length} sources, such as ${younger[0]?.path}`,
    next,
  };
}

function linesOf(printed: string | null): readonly string[] | null {
  return printed === null ? null : printed.split("\n").filter((line) => line !== "");
}
