import type { CallEvent } from "@call-ledger/domain";
import { describe, expect, it } from "vitest";
import { fixture } from "../../test/read-fixture.ts";
import { readVapi } from "./read.ts";

function callIn(bytes: Uint8Array) {
  const delivery = readVapi(bytes);
  if (delivery.reads !== "call") throw new Error(`reads ${delivery.reads}`);
  return delivery;
}

describe("the captured shapes", () => {
  const shapes = [
    "status-in-progress",
    "report-of-silence",
    "report-of-a-squad",
    "report-of-a-websocket-call",
  ].map((name) => `captured/${name}.json`);

  it.each(shapes)("have no secret in payload, facts and events: %s", (path) => {
    const { payload, facts, events } = callIn(fixture(path));
    const read = JSON.stringify({ facts, events: events.map((event) => ({ ...event, sources: [] })) });
    for (const text of [payload, read]) {
      expect(text).not.toMatch(/invented-(?:twilio|server)|phone-call-websocket|AC0{27}aaaa1|[?&]X-Amz/);
    }
  });

  it.each(shapes)("give the same when their payload is read again: %s", (path) => {
    const { payload, facts, events } = callIn(fixture(path));
    const again = callIn(Buffer.from(payload));
    const withoutSources = (event: CallEvent) => ({ ...event, sources: [] });
    expect(again.facts).toEqual(facts);
    expect(again.events.map(withoutSources)).toEqual(events.map(withoutSources));
  });
});
