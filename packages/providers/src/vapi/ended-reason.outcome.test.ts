import { outcomeOfEnding } from "@call-ledger/domain";
import { describe, expect, it } from "vitest";
import { vapiMessage } from "../../test/messages.ts";
import { fixture } from "../../test/read-fixture.ts";
import { endingOf, isVapiFault, wordOf } from "./ended-reason.outcome.ts";
import { readVapi } from "./read.ts";

const published: { readonly map: Readonly<Record<string, string>> } = JSON.parse(
  Buffer.from(fixture("vapi-ended-reasons.json")).toString(),
);

const outcomeOf = (reason: string, callerTurns: number | null) =>
  outcomeOfEnding(wordOf(reason), callerTurns);

describe("the outcome of a reason", () => {
  it("agrees with the published list if the caller spoke", () => {
    const reasons = Object.keys(published.map);
    expect(reasons.length).toBeGreaterThan(450);
    expect(Object.fromEntries(reasons.map((reason) => [reason, outcomeOf(reason, 3)]))).toEqual(
      published.map,
    );
  });

  it("is kept as Vapi writes it, although some look like a secret", () => {
    for (const reason of Object.keys(published.map)) {
      const read = readVapi(vapiMessage("status-update", { status: "ended", endedReason: reason }));
      expect(read).toMatchObject({ events: [{ ending: { reason } }] });
    }
  });

  it.each([
    ["silence-timed-out", "completed"],
    ["call.in-progress.sip-completed-call", "completed"],
    ["assistant-forwarded-call", "forwarded"],
    ["customer-did-not-answer", "no_answer"],
    ["call.in-progress.error-providerfault-outbound-sip-480-temporarily-unavailable", "no_answer"],
    ["call.in-progress.error-providerfault-outbound-sip-486-busy-here", "busy"],
    ["call.forwarding.operator-busy", "failed"],
    ["call.forwarding.no-answer", "failed"],
    ["assistant-not-found", "failed"],
    ["vonage-rejected", "failed"],
    ["phone-call-provider-closed-websocket", "failed"],
    ["customer-did-not-give-microphone-permission", "failed"],
    ["pipeline-no-available-llm-model", "failed"],
    ["call.start.error-get-org", "failed"],
    ["call.in-progress.error-providerfault-some-future-vendor-failed", "failed"],
    ["something-new-vapifault-xyz", "failed"],
    ["assistantEndedCall", "unknown"],
    ["hangup", "unknown"],
    ["engaged", "unknown"],
    ["busy", "busy"],
    ["no-answer", "no_answer"],
    ["completed", "completed"],
    ["failed", "failed"],
    ["cancelled", "canceled"],
    ["constructor", "unknown"],
  ])("says of %s: %s", (reason, outcome) => expect(outcomeOf(reason, 1)).toBe(outcome));
});

describe("the effect of the caller's turns", () => {
  it.each([
    ["customer-ended-call", "no_answer", "completed"],
    ["assistant-ended-call", "no_answer", "completed"],
    ["exceeded-max-duration", "no_answer", "completed"],
    ["silence-timed-out", "no_answer", "unknown"],
    ["assistant-ended-call-after-message-spoken", "completed", "completed"],
    ["customer-ended-call-during-transfer", "completed", "completed"],
    ["vonage-completed", "completed", "completed"],
    ["voicemail", "voicemail", "voicemail"],
    ["assistant-forwarded-call", "forwarded", "forwarded"],
    ["customer-busy", "busy", "busy"],
    ["worker-shutdown", "failed", "failed"],
  ])("%s: %s without a word of the caller, %s if nothing is known", (reason, silent, unknown) => {
    expect([outcomeOf(reason, 0), outcomeOf(reason, null)]).toEqual([silent, unknown]);
  });
});

it.each([
  ["call.in-progress.error-vapifault-worker-died", true],
  ["call.in-progress.error-providerfault-openai-llm-failed", true],
  ["worker-shutdown", true],
  ["call.in-progress.error-providerfault-outbound-sip-480-temporarily-unavailable", false],
  ["call.in-progress.error-providerfault-outbound-sip-486-busy-here", false],
  ["customer-busy", false],
])("%s is a provider's fault: %s", (reason, isFault) => expect(isVapiFault(reason)).toBe(isFault));

describe("endingOf", () => {
  it("reads a reason in capitals, and keeps it", () => {
    expect(endingOf("CUSTOMER-BUSY")).toEqual({ reason: "CUSTOMER-BUSY", outcome: "busy" });
  });
  it("reads a reason with other separators, and keeps it", () => {
    const reason = "customer_did_not_answer";
    expect(endingOf(reason)).toEqual({ reason, outcome: "no_answer" });
  });
  it("keeps the reason beside its meaning", () => {
    expect(endingOf("hangup")).toEqual({ reason: "hangup", outcome: "unknown" });
  });
  it("gives no ending without a reason", () => expect(endingOf(null)).toBeNull());
});
