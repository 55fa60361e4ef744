import { dropWaiting, findWaiting, OPERATOR } from "@call-ledger/db/access";
import { asOperator, withOperator } from "@call-ledger/db-operator/admin";
import { command, failure } from "../cli/command.ts";
import { documentOf } from "../cli/list-result.ts";
import { eachId, oneId } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";

const DELIVERY = { what: "delivery", shownBy: "quarantine list" } as const;

export const quarantineShowCommand = command({
  about:
    "Shows one quarantined delivery with its content, which includes the callers' words and phone numbers. With it you can " +
    "find its organization, and then use agent add, quarantine replay or quarantine drop.",
  options: {},
  values: "ID",
  examples: ["quarantine show 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711"],

  async run(_options, { env }, values) {
    const id = oneId(values, DELIVERY);
    const found = await asOperator(ownerUrl(env), (db) => findWaiting(db, id));
    if (found === null) throw failure(`There is no delivery ${id}; quarantine list shows the deliveries.`);
    const { delivery, payload } = found;
    const facts = documentOf(delivery);
    return {
      document: { ...facts, payload: payload.payload },
      text: [
        ...Object.entries(facts).map(([name, value]) => `${name}: ${textOf(value)}`),
        "",
        payload.payload ?? "Its content was removed, because the delivery is too old or was booked.",
      ],
    };
  },
});

export const quarantineDropCommand = command({
  about:
    "Deletes quarantined deliveries permanently, such as those of an assistant that is not yours. The audit notes it. Exit " +
    "code 1 if one of them is not waiting.",
  options: {},
  values: "ID…",
  examples: ["quarantine drop 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711"],

  async run(_options, { env }, values) {
    const ids = eachId(values, DELIVERY);
    const results = await withOperator(ownerUrl(env), async (run) => {
      const done = [];
      for (const id of ids) done.push({ id, dropped: await run((db) => dropWaiting(db, id, OPERATOR)) });
      return done;
    });
    return {
      document: results,
      text: results.map(({ id, dropped }) => `${id}  ${dropped ? "dropped" : "is not waiting"}`),
      exitCode: results.every(({ dropped }) => dropped) ? 0 : 1,
    };
  },
});

function textOf(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value ?? "-");
}
