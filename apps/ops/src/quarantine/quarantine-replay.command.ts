import { noteChange, OPERATOR, oldestWaiting } from "@call-ledger/db/access";
import { operatorPool, withOperator } from "@call-ledger/db-operator/admin";
import { REPLAYED_BY_DEFAULT } from "@call-ledger/domain";
import type { Replayed } from "@call-ledger/ingest";
import { isBooked, replayQuarantined } from "@call-ledger/ingest";
import { command } from "../cli/command.ts";
import { idsOrAll } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { replayedLine, singleBooking } from "./book-again.ts";

const MAX_DELIVERIES = 100_000;

export const quarantineReplayCommand = command({
  about:
    "Tries to book quarantined deliveries again, oldest first: the named ones, or all waiting ones except those with " +
    "organization_conflict, which an operator has to name. Nothing is booked twice. With ids the exit code is 1 if one " +
    "of them is still not booked.",
  options: { all: { about: "all waiting deliveries" } },
  values: "[ID…]",
  examples: ["quarantine replay --all", "quarantine replay 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --json"],

  async run({ all }, { env, progress }, values) {
    const named = idsOrAll(values, all, { what: "delivery", shownBy: "quarantine list" });
    const replayed = await withOperator(ownerUrl(env), async (asOperator) => {
      const selection = { reasons: REPLAYED_BY_DEFAULT };
      const ids = named ?? (await asOperator((db) => oldestWaiting(db, selection, MAX_DELIVERIES)));
      await using pool = operatorPool(ownerUrl(env));
      const ports = { asOperator, book: singleBooking(pool) };
      const results: Replayed[] = [];
      for (const id of ids) {
        const result = await replayQuarantined(ports, id);
        progress(replayedLine(result));
        results.push(result);
      }
      const after = { reason: null, tried: ids.length, booked: results.filter(isBooked).length };
      const object = ["quarantine", null] as const;
      await asOperator((db) =>
        noteChange(db, { orgId: null, actor: OPERATOR }, "quarantine.replay", object, { after }),
      );
      return results;
    });
    const booked = replayed.filter(isBooked).length;
    return {
      document: replayed,
      text: [`${booked} of ${replayed.length} booked.`],
      exitCode: named !== null && booked < replayed.length ? 1 : 0,
    };
  },
});
