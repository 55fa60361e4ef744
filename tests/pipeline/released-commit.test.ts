import { gitIn, releasedCommit } from "@call-ledger/ops/render";
import { expect, test } from "vitest";
import { ROOT } from "./project.files.ts";

test("a commit for a rollback is deployed only if it is in this history", async () => {
  const git = gitIn(ROOT);
  const ask = async (...args: string[]) => (await git.ask(...args)) ?? "";
  const before = await ask("rev-parse", "HEAD~1");
  expect(await releasedCommit(git, before.slice(0, 12))).toBe(before);
  // A commit of a fork: git has it, but our history does not contain it.
  const author = ["-c", "user.name=fork", "-c", "user.email=fork@example.test"];
  const fork = await ask(...author, "commit-tree", "HEAD^{tree}", "-p", before, "-m", "fork");
  expect(fork).toMatch(/^[0-9a-f]{40}$/);
  for (const commit of [fork, "0".repeat(40)]) {
    await expect(releasedCommit(git, commit)).rejects.toThrow("is not in the history");
  }
});
