import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { OUTCOMES } from "../pages/calls/choices.ts";
import { outcomeTone } from "./tone.ts";

const TOKENS = readFileSync(new URL("../styles/tokens.css", import.meta.url), "utf8");

test("no two outcomes have the same tone", () => {
  const tones = OUTCOMES.map(outcomeTone);
  expect(new Set(tones).size).toBe(OUTCOMES.length);
});

test.each(["light", "dark"] as const)("no two tones have the same colour in %s", (theme) => {
  const dots = [...TOKENS.matchAll(/--\w+-dot: light-dark\((#\w+), (#\w+)\)/g)].map(([, light, dark]) =>
    theme === "light" ? light : dark,
  );
  expect(dots.length).toBeGreaterThan(5);
  expect(new Set(dots).size).toBe(dots.length);
});
