import { spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";

const LOG = new URL("./log.ts", import.meta.url).href;

/** Runs a program that logs. Returns its output, and whether it was still running at the first output. */
async function loggedBy(program: string): Promise<{ text: string; lived: boolean; code: number | null }> {
  const source = `import { createLog } from ${JSON.stringify(LOG)}; const log = createLog("info"); ${program}`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  let lived = false;
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    lived ||= child.exitCode === null && text === "";
    text += chunk;
    child.stdin.end();
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { text, lived, code };
}

test("a line is written soon, even if the process logs nothing more", async () => {
  const { text, lived } = await loggedBy(`log.info({}, "one"); process.stdin.resume();`);
  expect(text).toContain('"msg":"one"');
  expect(lived).toBe(true);
});

test("nothing is lost when the process exits immediately", async () => {
  const { text, code } = await loggedBy(`
    for (let place = 0; place < 1000; place += 1) log.info({ place }, "line");
    log.error({}, "last");
    process.exit(1);`);
  const lines = text.trimEnd().split("\n");
  expect(lines).toHaveLength(1_001);
  expect(lines.at(-1)).toContain('"msg":"last"');
  expect(code).toBe(1);
});
