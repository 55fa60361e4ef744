import fc from "fast-check";
import { expect, test } from "vitest";
import type { CallEvent } from "../call/call-event.ts";
import { mergedTime, NO_FACTS, SILENT_REPORT } from "../call/call-event.ts";
import { reportContent, reportVersion } from "../call/report-version.ts";
import { callEvent, callFacts, sha256 } from "../testing/index.ts";
import { canonicalJson } from "../text/canonical-json.ts";
import { eventId, factsContent, keyEvents } from "./event-id.ts";

const someFacts = callFacts({
  agentIds: ["agent"],
  phoneNumberIds: ["number"],
  ourNumbers: ["+12025550100"],
});
const ORIGIN = { provider: "p", accountId: "acc", providerCallId: 'call "1"' };

test("an id is the digest of the whole identity, and keyEvents gives the same ids as eventId", () => {
  let reports = 0;
  fc.assert(
    fc.property(someFacts, callEvent, (facts, event) => {
      const [keys] = keyEvents(ORIGIN, facts, [event], sha256);
      expect(keys?.eventId).toBe(eventId(ORIGIN, facts, event, sha256));
      if (event.kind === "call.reported") {
        reports += 1;
        const effect = reportContent(event.report);
        const identity = [
          ...Object.values(ORIGIN),
          event.kind,
          mergedTime(event),
          factsContent(facts),
          effect,
        ];
        expect(keys?.eventId).toBe(`reported:${sha256(canonicalJson(identity)).slice(0, 22)}`);
        expect(keys?.reportVersion).toBe(reportVersion(event.report, sha256));
      } else expect(keys?.reportVersion).toBeNull();
    }),
    { numRuns: 1_000 },
  );
  expect(reports).toBeGreaterThan(50);
});

test("ids do not change between releases", () => {
  const facts = {
    ...NO_FACTS,
    providerAgentId: "agent-1",
    ourNumber: "+12025550101",
    direction: "inbound",
  } as const;
  const at = Date.UTC(2026, 2, 12, 15);
  const said = { type: "t", occurredAt: at };
  const events: CallEvent[] = [
    { ...said, kind: "call.progressed", phase: "ringing" },
    { ...said, kind: "call.ended", ending: { reason: "voicemail", outcome: "voicemail" } },
    {
      ...said,
      kind: "call.reported",
      report: { ...SILENT_REPORT, transcript: "AI: é", messages: [{ role: "bot", "10": 1, "9": 0.1 }] },
      sources: [],
    },
    { ...said, kind: "call.transcribed", segment: { role: "user", text: "hi", byCaller: true } },
    { ...said, kind: "call.observed", discriminator: "7", details: null },
  ];
  const keyed = keyEvents(ORIGIN, facts, events, sha256);
  expect(keyed.map(({ eventId, reportVersion }) => ({ eventId, reportVersion }))).toMatchInlineSnapshot(`
    [
      {
        "eventId": "progressed:Z6q_wsXUXP7sF4C6IKyP3F",
        "reportVersion": null,
      },
      {
        "eventId": "ended:fpHFz9BW522tEb120lilDn",
        "reportVersion": null,
      },
      {
        "eventId": "reported:Z3bv-xq5ydy1lqHHoSeqvW",
        "reportVersion": "p021000000000000000071WOlcmYVl",
      },
      {
        "eventId": "transcribed:H_m9BS_aphxafOARqR663e",
        "reportVersion": null,
      },
      {
        "eventId": "observed:tOEcCKzPLtir1RTcA3Max9",
        "reportVersion": null,
      },
    ]
  `);
});
