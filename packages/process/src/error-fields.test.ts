import { expect, test } from "vitest";
import { errorFields } from "./error-fields.ts";

function thrownBy(fails: () => unknown): unknown {
  try {
    fails();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

test("a parser's error is logged with its name and place, without the text that it quotes", () => {
  const fields = errorFields(thrownBy(() => JSON.parse('{"number": +15550100 marker')));
  expect(fields.error).toBe("SyntaxError");
  expect(JSON.stringify(fields)).not.toMatch(/marker|5550100/);
  expect(fields.at).toEqual(expect.arrayContaining([expect.stringMatching(/^at .*error-fields\.test/)]));
});

test.each(["marker\n    at marker (marker.ts:1:1)", "", "at marker"])(
  "a message is not taken for a frame: %j",
  (message) => {
    const fields = errorFields(new TypeError(message));
    expect(JSON.stringify(fields)).not.toContain("marker");
    expect(fields.at).not.toEqual([]);
  },
);

test("a message that changed after the stack was taken is not shown", () => {
  const error = new Error("marker one");
  error.message = "two";
  expect(JSON.stringify(errorFields(error))).not.toContain("marker");
});

test("codes and constraints are logged if they have the form of identifiers", () => {
  const error = Object.assign(new Error("x"), { code: "23505", constraint: "calls_pkey" });
  expect(errorFields(error)).toMatchObject({ error: "Error", code: "23505", constraint: "calls_pkey" });
  const odd = Object.assign(new Error("x"), { code: "+1 555 marker", constraint: 7 });
  expect(errorFields(odd)).toMatchObject({ code: undefined, constraint: undefined });
});

test("a thrown value that is not an error is logged by its type", () => {
  expect(errorFields("marker")).toEqual({ error: "string" });
  expect(errorFields(undefined)).toEqual({ error: "undefined" });
});
