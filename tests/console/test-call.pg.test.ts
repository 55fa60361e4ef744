import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "@call-ledger/local-postgres";
import { startProgram, until } from "@call-ledger/testkit/process";
import { describeWith } from "@call-ledger/testkit/vitest";
import { expect, test } from "vitest";
import { launch, openTab } from "./browser.ts";

const START = fileURLToPath(import.meta.resolve("@call-ledger/dev/start"));
const SIGN_IN = /http:\/\/localhost:\d+\/sign-in#\S+/;
/** The max time from `npm start`, with its dependencies installed, to a finished test call with its recording. */
const MAX_SECONDS = 90;

describeWith("chromium", "the first run", (chromium) => {
  test("after npm start a test call finishes soon, on any port", {
    timeout: 240_000,
  }, async () => {
    const folder = mkdtempSync("/tmp/first-run-");
    // Postgres runs as another user than root, so it needs access to the folder.
    chmodSync(folder, 0o711);
    const startedAt = performance.now();
    const program = startProgram([START, join(folder, "state")], {
      env: { PATH: process.env.PATH ?? "", PORT: String(await freePort()) },
    });
    const browser = await launch(chromium);
    try {
      const link = await until(() => SIGN_IN.exec(program.output())?.[0] ?? false, "npm start is ready", 120);
      const { page, errors } = await openTab(browser);
      await page.goto(link);
      await page.getByText("No calls yet").waitFor();
      await page.getByRole("button", { name: "Send a test call" }).first().click();
      const row = page.locator("[data-call]").first();
      await row.getByText("In progress").waitFor({ timeout: 40_000 });
      expect(await page.locator("[data-call]").count()).toBe(1);
      await row.getByText("Completed").waitFor({ timeout: 60_000 });
      await row.getByText("Recording kept").waitFor({ state: "attached", timeout: 20_000 });
      const seconds = (performance.now() - startedAt) / 1_000;
      const load = `load average ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores`;
      expect(seconds, `${seconds.toFixed(1)} s with a ${load}`).toBeLessThan(MAX_SECONDS);
      process.stdout.write(`first run: ${seconds.toFixed(1)} s with a ${load}\n`);
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
      program.signal("SIGINT");
      await program.ended;
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
