import { describe } from "vitest";
import type { ProviderAdapter } from "../common/provider-adapter.ts";
import type { ProviderCases } from "./provider-cases.ts";
import { describeReading } from "./reading.conformance.ts";
import { describeVerification } from "./verification.conformance.ts";

export type { DeliveryCase, DeliveryPair, ProviderCases } from "./provider-cases.ts";

/** The suite that every provider has to pass. */
export function describeProvider(adapter: ProviderAdapter, cases: ProviderCases): void {
  describe(`provider ${adapter.provider}`, () => {
    describeVerification(adapter, cases);
    describeReading(adapter, cases);
  });
}
