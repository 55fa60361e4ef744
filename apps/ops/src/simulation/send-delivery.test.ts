import { expect, test } from "vitest";
import { adviceOnRefusal } from "./send-delivery.ts";

test.each([
  [301, /^The clock of this machine is 301 s ahead of the server's, so/],
  [-86_401, /^The clock of this machine is 86401 s behind the server's, so/],
  [300, /^The server has another secret.*300 s ahead of the server's; it refuses that only if/],
  [-61, /^The server has another secret.*61 s behind the server's; it refuses that only if/],
  [60, /^The server has another secret.*has the reason\.$/],
  [null, /^The server has another secret.*has the reason\.$/],
])("the clock is blamed only if a server would refuse its time: %s s ahead", (aheadSeconds, advice) => {
  expect(adviceOnRefusal({ aheadSeconds })).toMatch(advice);
});
