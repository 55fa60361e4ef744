import { expect, test } from "vitest";
import { NO_FACTS } from "./call-event.ts";
import { liveLayerOf, mergeLive } from "./live-layer.ts";

const said = (forwardedTo: string, forwardedAt: number | null) =>
  liveLayerOf(
    "account",
    { ...NO_FACTS, forwardedTo, forwardedAt },
    null,
    {
      kind: "call.observed",
      type: "transfer-update",
      occurredAt: forwardedAt,
      discriminator: "d",
      details: null,
    },
    "p",
  );

test.each([
  ["the later", said("+12025550199", 1_000), said("+12025550111", 2_000), "+12025550111"],
  [
    "the later, even a SIP address",
    said("+12025550199", 1_000),
    said("sip:desk@pbx.test", 2_000),
    "sip:desk@pbx.test",
  ],
  ["the one with a time", said("+12025550199", null), said("+12025550111", 0), "+12025550111"],
  [
    "of one time, the telephone number",
    said("sip:desk@pbx.test", 5),
    said("+12025550111", 5),
    "+12025550111",
  ],
])("of two destinations %s counts, in either order", (_which, a, b, expected) => {
  expect(mergeLive(a, b).forwardedTo?.value).toBe(expected);
  expect(mergeLive(b, a).forwardedTo?.value).toBe(expected);
});
