import { expect, it } from "vitest";
import { PROVIDERS, providerFor } from "./index.ts";

it("finds a provider by its exact name only", () => {
  expect(PROVIDERS.map(({ provider }) => providerFor(provider))).toEqual(PROVIDERS);
  expect(providerFor("vapi")?.provider).toBe("vapi");
  expect(["Vapi", "retell", "", "__proto__"].map(providerFor)).toEqual([null, null, null, null]);
});
