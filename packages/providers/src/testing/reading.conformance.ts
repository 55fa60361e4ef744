import { eventId, MAX_IDENTIFIER_LENGTH } from "@call-ledger/domain";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../common/digest.ts";
import type { ProviderAdapter, ReadDelivery } from "../common/provider-adapter.ts";
import { hostileBodies } from "./hostile-bodies.ts";
import type { DeliveryCase, ProviderCases } from "./provider-cases.ts";

const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

/** Reading never throws, gives only events that can be booked, and gives equal ids to equal events. */
export function describeReading(adapter: ProviderAdapter, cases: ProviderCases): void {
  const read = (body: Uint8Array) => adapter.read(body);
  const bodies = cases.deliveries.map(({ body }) => body);
  const calls = cases.deliveries.filter(({ reads }) => reads === "call");

  describe("reading", () => {
    it.each(cases.deliveries)("reads $name", (delivery) => {
      expect(outlineOf(read(delivery.body))).toEqual(expectedOutline(delivery));
    });
    it.each(cases.deliveries)("reads $name into events that can be booked", ({ body }) => {
      expect(faultsOf(read(body))).toEqual([]);
    });
    it("never throws and gives no event that cannot be booked, for any body", () => {
      const seen = new Set<string>();
      fc.assert(
        fc.property(hostileBodies(bodies), (body) => {
          const delivery = read(body);
          seen.add(delivery.reads);
          expect(faultsOf(delivery)).toEqual([]);
        }),
        { numRuns: 1_500 },
      );
      expect(seen).toContain("call");
      expect(seen).toContain("nothing");
    });
    it.each(cases.redeliveries)("gives equal event ids: $name", ({ one, other }) => {
      expect(idsOf(read(one)).length).toBeGreaterThan(0);
      expect(idsOf(read(other))).toEqual(idsOf(read(one)));
    });
    it.each(cases.distinct)("gives different event ids: $name", ({ one, other }) => {
      const ids = [...idsOf(read(one)), ...idsOf(read(other))];
      expect(new Set(ids).size).toBe(ids.length);
    });
    it.each(calls)("stores a payload of $name that reads the same", ({ body }) => {
      const delivery = read(body);
      const payload = delivery.reads === "call" ? delivery.payload : "";
      expect(idsOf(read(Buffer.from(payload)))).toEqual(idsOf(delivery));
    });
  });
  describeSecrets(adapter, cases);
}

function describeSecrets(adapter: ProviderAdapter, cases: ProviderCases): void {
  const known = (text: string) => cases.secretTexts.filter((secret) => text.includes(secret));
  const payloadOf = (body: Uint8Array) => {
    const delivery = adapter.read(body);
    return delivery.reads === "chatter" ? "" : delivery.payload;
  };
  const withSecrets = cases.deliveries.filter(({ body }) => known(Buffer.from(body).toString()).length > 0);

  describe("secrets", () => {
    it("are in the deliveries of this suite", () => {
      const all = cases.deliveries.map(({ body }) => Buffer.from(body).toString()).join();
      expect(known(all)).toEqual(cases.secretTexts);
    });
    it.each(withSecrets)("are in no payload of $name", ({ body }) => {
      expect(known(payloadOf(body))).toEqual([]);
    });
    it("are in no payload of a body that is truncated or damaged", () => {
      fc.assert(
        fc.property(
          fc.constantFrom(...withSecrets),
          fc.double({ min: 0, max: 1, noNaN: true }),
          (one, part) => {
            const cut = one.body.slice(0, Math.floor(one.body.length * part));
            const damaged = Buffer.concat([Buffer.from("]"), one.body]);
            expect([...known(payloadOf(cut)), ...known(payloadOf(damaged))]).toEqual([]);
          },
        ),
      );
    });
  });
}

type Outline = Omit<DeliveryCase, "name" | "body">;

function expectedOutline({ reads, kinds, asks }: DeliveryCase): Outline {
  return { reads, kinds, asks };
}

function outlineOf(delivery: ReadDelivery): Outline {
  const kinds = delivery.reads === "call" ? delivery.events.map(({ kind }) => kind) : [];
  const asks = delivery.reads === "chatter" ? null : (delivery.question?.asks ?? null);
  return { reads: delivery.reads, kinds, asks };
}

function idsOf(delivery: ReadDelivery): string[] {
  if (delivery.reads !== "call") return [];
  const origin = { provider: "any", accountId: "account", providerCallId: delivery.providerCallId };
  return delivery.events.map((event) => eventId(origin, delivery.facts, event, sha256));
}

/** Returns the reasons why a read delivery could not be booked; empty if it can be. */
function faultsOf(delivery: ReadDelivery): string[] {
  const faults: string[] = [];
  if (!isName(delivery.type)) faults.push("type");
  if (delivery.reads === "chatter") return faults;
  if (delivery.question?.asks === "tools" && !delivery.question.toolCalls.every(({ id }) => isName(id))) {
    faults.push("tool call id");
  }
  if (delivery.reads === "nothing") return faults;
  const { providerCallId, facts, events } = delivery;
  if (!isName(providerCallId)) faults.push("call id");
  if (events.length === 0) faults.push("no event");
  const { alsoNamed, forwardedAt: _at, ...named } = facts;
  for (const fact of [...Object.values(named), ...Object.values(alsoNamed ?? {}).flat()]) {
    if (fact !== null && !isName(fact)) faults.push("fact");
  }
  if (new Set(idsOf(delivery)).size !== events.length) faults.push("two events with one id");
  JSON.parse(delivery.payload);
  return [...faults, ...valueFaults("", { facts, events })];
}

function isName(text: string): boolean {
  return text.trim() !== "" && text.length <= MAX_IDENTIFIER_LENGTH && valueFaults("", text).length === 0;
}

/**
 * Returns values that Postgres refuses: NUL and lone surrogates in texts and keys, times out of bounds, and invalid
 * numbers.
 */
function valueFaults(name: string, value: unknown): string[] {
  if (typeof value === "string") {
    return value.isWellFormed() && !value.includes("\u0000") ? [] : [`text in ${name}`];
  }
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return [`number in ${name}`];
    const isTime = ["occurredAt", "revisedAt", "startedAt", "endedAt", "expiresAt"].includes(name);
    const isBounded = Number.isInteger(value) && value >= EARLIEST && value < LATEST;
    return isTime && !isBounded ? [`time in ${name}`] : [];
  }
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...valueFaults("a key", key),
    // Inside of the provider's own JSON, field names have no meaning for us.
    ...valueFaults(["messages", "analysis", "costBreakdown", "details"].includes(name) ? name : key, inner),
  ]);
}
