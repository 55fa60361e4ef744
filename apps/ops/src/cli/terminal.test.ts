import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { terminalOf } from "./terminal.ts";

const streams = (isTTY: boolean) => ({
  input: Object.assign(new PassThrough(), { isTTY }),
  output: new PassThrough(),
});

test("each question gets its line, typed ahead or not, and null after the input has ended", async () => {
  const { input, output } = streams(true);
  const terminal = terminalOf(input, output);
  const answers: (string | null)[] = [];
  for (const line of ["y\n", " some name \n", "\n"]) {
    const asked = terminal.ask("Reviewed? ");
    input.write(line);
    answers.push(await asked);
  }
  const asked = terminal.ask("Tested? ");
  input.end();
  answers.push(await asked, await terminal.ask("Deployed? "));
  terminal.leave();
  expect(answers).toEqual(["y", "some name", "", null, null]);
  expect(String(output.read())).toContain("Reviewed? ");
});

test("without a terminal nothing is asked", async () => {
  const { input, output } = streams(false);
  const terminal = terminalOf(input, output);
  input.write("y\n");
  expect(await terminal.ask("Reviewed? ")).toBeNull();
  expect(output.read()).toBeNull();
});
