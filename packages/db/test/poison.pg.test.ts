import { describe, expect, test } from "vitest";
import { rowsOf } from "../src/testing/index.ts";
import { ended, known, ringing, useLedger } from "../src/testing/ledger-under-test.ts";
import type { DeliveryToBook } from "../src/write/index.ts";
import { unpackPayload } from "../src/write/index.ts";

const ledger = useLedger();

describe("poison", () => {
  const poison = (): DeliveryToBook => {
    const good = ledger.delivery(ended);
    if (!("facts" in good.content)) throw new Error("no content");
    return {
      ...good,
      content: {
        ...good.content,
        providerCallId: `${ledger.call}-poison`,
        facts: { ...known, customerNumber: "nul\u0000" },
      },
    };
  };

  test("one delivery that the database refuses goes to quarantine, and the others of its batch are booked", async () => {
    expect(await ledger.book(ledger.delivery(ringing), poison(), ledger.delivery(ended))).toEqual([
      "applied",
      "refused",
      "applied",
    ]);
    expect((await rowsOf(ledger.owner, ledger.call))?.calls).toMatchObject({ phase: "ended" });
    const [row] =
      await ledger.owner`select reason, detail, payload from quarantined_deliveries where reason = 'refused' order by received_at desc limit 1`;
    expect(row).toMatchObject({ reason: "refused", detail: "refused: 22P05" });
    expect(unpackPayload(row?.payload)).toBe('{"kind":"call.ended"}');
  });

  test("a delivery that could not be read is stored as it arrived, once", async () => {
    const broken: DeliveryToBook = {
      ...ledger.delivery(ringing),
      payload: "{broken",
      content: { refusal: "unparseable", waits: true, detail: null, contentKey: `bytes:${ledger.call}` },
    };
    expect(await ledger.record(broken, broken)).toEqual(["unparseable", "unparseable"]);
    const rows =
      await ledger.owner`select payload from quarantined_deliveries where content_key = ${`bytes:${ledger.call}`}`;
    expect(rows.map((row) => unpackPayload(row.payload))).toEqual(["{broken"]);
  });
});
