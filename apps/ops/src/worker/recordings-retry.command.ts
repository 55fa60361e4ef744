import { retryRecordings, withOwner } from "@call-ledger/db-operator/admin";
import { command } from "../cli/command.ts";
import { idsOrAll } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";

export const recordingsRetryCommand = command({
  about:
    "Makes recordings due immediately that were given up (failed, expired) or wait for a host, with all their attempts: the " +
    "named ones, or all. The worker fetches them; recordings list shows the progress. With ids the exit code is 1 if one of " +
    "them was neither.",
  options: { all: { about: "all recordings that were given up or wait for a host" } },
  values: "[ID…]",
  examples: ["recordings retry --all", "recordings retry 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --json"],

  async run({ all }, { env }, values) {
    const named = idsOrAll(values, all, { what: "recording", shownBy: "recordings list" });
    const due = await withOwner(ownerUrl(env), (owner) => retryRecordings(owner, named));
    return {
      document: due.map((id) => ({ id })),
      text: [`${due.length} ${due.length === 1 ? "recording is" : "recordings are"} due again.`],
      exitCode: named !== null && due.length < named.length ? 1 : 0,
    };
  },
});
