import fc from "fast-check";
import { expect, test } from "vitest";
import { ENDING_WORDS, endingContent, endingRank, OUTCOMES, outcomeOfEnding } from "./outcome.ts";

const word = fc.constantFrom(...ENDING_WORDS);
const turns = fc.option(fc.nat({ max: 3 }), { nil: null });

test("an outcome is completed only after a conversation, or if the provider says so", () => {
  fc.assert(
    fc.property(word, turns, (said, callerTurns) => {
      if (outcomeOfEnding(said, callerTurns) !== "completed") return;
      expect(
        said === "delivered" || (callerTurns ?? 0) > 0 || (said === "completed" && callerTurns === null),
      ).toBe(true);
    }),
  );
});

test("a word that does not mean completion is its own outcome, for any number of caller's turns", () => {
  const others = OUTCOMES.filter((outcome) => outcome !== "completed");
  fc.assert(
    fc.property(fc.constantFrom(...others), turns, (said, callerTurns) => {
      expect(outcomeOfEnding(said, callerTurns)).toBe(said);
    }),
  );
});

test("an outcome that is completed stays completed with more turns", () => {
  fc.assert(
    fc.property(word, fc.nat({ max: 3 }), fc.nat({ max: 3 }), (said, one, more) => {
      if (outcomeOfEnding(said, one) === "completed") {
        expect(outcomeOfEnding(said, one + more)).toBe("completed");
      }
    }),
  );
});

test("rank and identity of a word are the same as in older releases", () => {
  for (const outcome of ["silence", "delivered"] as const) {
    const [now, before] = [
      { reason: "r", outcome },
      { reason: "r", outcome: "completed" as const },
    ];
    expect(endingRank(now)).toBe(endingRank(before));
    expect(endingContent(now)).toEqual(before);
  }
});
