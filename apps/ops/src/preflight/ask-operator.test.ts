import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { operatorAt } from "./ask-operator.ts";

test("yes is yes, anything else is no, and nobody is there once the input has ended", async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const operator = operatorAt(input, output);
  const answers: (boolean | null)[] = [];
  for (const line of ["y\n", "YES \n", "\n", "yeah\n"]) {
    const asked = operator.ask("Reviewed?");
    input.write(line);
    answers.push((await asked).yes);
  }
  const asked = operator.ask("Tested?");
  input.end();
  answers.push((await asked).yes, (await operator.ask("Deployed?")).yes);
  operator.leave();
  expect(answers).toEqual([true, true, false, false, null, null]);
  expect(String(output.read())).toContain("Reviewed? [y/N] ");
});
