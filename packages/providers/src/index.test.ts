import { expect, it } from "vitest";
import { providerFor, vapi } from "./index.ts";

it("finds an adapter by its provider's name, and by nothing else", () => {
  expect(providerFor("vapi")).toBe(vapi);
  expect(["Vapi", "retell", "", "__proto__"].map(providerFor)).toEqual([null, null, null, null]);
});
