import { describe } from "vitest";
import type { Provider } from "../common/provider.ts";
import type { ProviderCases } from "./provider-cases.ts";
import { describeReading } from "./reading.conformance.ts";
import { describeVerification } from "./verification.conformance.ts";

export type { DeliveryCase, ProviderCases } from "./provider-cases.ts";

/** The suite that every provider has to pass. */
export function describeProvider(provider: Provider, cases: ProviderCases): void {
  describe(`provider ${provider.provider}`, () => {
    describeVerification(provider, cases);
    describeReading(provider, cases);
  });
}
