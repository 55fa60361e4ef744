import { retryRecordings, withOwner } from "@call-ledger/db-operator/admin";
import { command } from "../cli/command.ts";
import { idsOrAll } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";

export const recordingsRetryCommand = command({
  about:
    "Makes recordings due at once that were given up (failed, expired) or wait for a host, with all their attempts anew: those that are " +
    "named, or all. The worker does the rest; recordings list shows how it goes. With ids the exit code is 1 when one of " +
    "them was neither.",
  options: { all: { about: "all that were given up or wait for a host" } },
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
