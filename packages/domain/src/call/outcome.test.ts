import fc from "fast-check";
import { expect, test } from "vitest";
import { ENDING_WORDS, endingContent, endingRank, OUTCOMES, outcomeOfEnding } from "./outcome.ts";

const word = fc.constantFrom(...ENDING_WORDS);
const turns = fc.option(fc.nat({ max: 3 }), { nil: null });

test("an outcome is completed only with a conversation, or with the provider's word", () => {
  fc.assert(
    fc.property(word, turns, (said, callerTurns) => {
      if (outcomeOfEnding(said, callerTurns) !== "completed") return;
      expect(
        said === "delivered" || (callerTurns ?? 0) > 0 || (said === "completed" && callerTurns === null),
      ).toBe(true);
    }),
  );
});

test("a word that is no completion is its own outcome, whatever is known of the caller", () => {
  const others = OUTCOMES.filter((outcome) => outcome !== "completed");
  fc.assert(
    fc.property(fc.constantFrom(...others), turns, (said, callerTurns) => {
      expect(outcomeOfEnding(said, callerTurns)).toBe(said);
    }),
  );
});

test("more turns never make less of a conversation", () => {
  fc.assert(
    fc.property(word, fc.nat({ max: 3 }), fc.nat({ max: 3 }), (said, one, more) => {
      if (outcomeOfEnding(said, one) === "completed") {
        expect(outcomeOfEnding(said, one + more)).toBe("completed");
      }
    }),
  );
});

test("rank and identity are those that older releases gave to the word", () => {
  for (const outcome of ["silence", "delivered"] as const) {
    const [now, before] = [
      { reason: "r", outcome },
      { reason: "r", outcome: "completed" as const },
    ];
    expect(endingRank(now)).toBe(endingRank(before));
    expect(endingContent(now)).toEqual(before);
  }
});
