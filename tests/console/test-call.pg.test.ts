import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "@call-ledger/local-postgres";
import { findProgram, startProgram, until } from "@call-ledger/testkit/process";
import { describeWith } from "@call-ledger/testkit/vitest";
import { expect, test } from "vitest";
import { launch, openTab } from "./browser.ts";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const SIGN_IN = /http:\/\/localhost:\d+\/sign-in#\S+/;
/** The max time from `npm start` in a fresh clone to a finished test call with its recording. */
const MAX_SECONDS = 90;

describeWith("chromium", "the first run", (chromium) => {
  // The clone has what is committed, so a change that is not committed is not seen here.
  test("in a fresh clone, with an empty home, a test call finishes soon after npm start", {
    timeout: 300_000,
    // Other tests run on the machine meanwhile.
    retry: 1,
  }, async () => {
    const folder = mkdtempSync("/tmp/first-run-");
    // Postgres runs as another user than root, so it needs access to the folder.
    chmodSync(folder, 0o711);
    const [clone, home] = [join(folder, "clone"), join(folder, "home")];
    mkdirSync(home);
    execFileSync("git", ["clone", "--quiet", REPOSITORY, clone]);
    const npm = findProgram("npm") ?? "";
    const startedAt = performance.now();
    const program = startProgram(["start"], {
      command: npm,
      cwd: clone,
      env: {
        ...wayToTheRegistry(),
        HOME: home,
        PATH: `${dirname(npm)}:/usr/bin:/bin`,
        PORT: String(await freePort()),
      },
    });
    const browser = await launch(chromium);
    try {
      const link = await until(
        () => {
          if (program.hasEnded()) throw new Error(`npm start ended:\n${program.output()}`);
          return SIGN_IN.exec(program.output())?.[0] ?? false;
        },
        "npm start is ready",
        180,
      );
      const ready = (performance.now() - startedAt) / 1_000;
      const { page, errors } = await openTab(browser);
      await page.goto(link);
      await page.getByText("No calls yet").waitFor();
      await page.getByRole("button", { name: "Send a test call" }).first().click();
      const row = page.locator("[data-call]").first();
      await row.getByText("Ringing").waitFor({ timeout: 40_000 });
      await row.getByText("In progress").waitFor({ timeout: 40_000 });
      expect(await page.locator("[data-call]").count()).toBe(1);
      await row.getByText("Completed").waitFor({ timeout: 60_000 });
      await row.getByText("Recording kept").waitFor({ state: "attached", timeout: 20_000 });
      const seconds = (performance.now() - startedAt) / 1_000;
      await row.getByRole("link").first().click();
      await page.getByRole("button", { name: "Play", exact: true }).click();
      const position = async () => Number(await page.getByRole("slider", { name: "Position" }).inputValue());
      await expect.poll(position, { timeout: 15_000 }).toBeGreaterThan(0);
      const load = `load average ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores`;
      const said = `${seconds.toFixed(1)} s, ready after ${ready.toFixed(1)} s, with a ${load}`;
      expect(seconds, said).toBeLessThan(MAX_SECONDS);
      process.stdout.write(`first run: ${said}\n`);
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
      program.signal("SIGINT");
      await program.ended;
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** The variables without which this machine may not reach the package registry: certificates, proxies, its address. */
function wayToTheRegistry(): Record<string, string> {
  const name =
    /^(?:node_extra_ca_certs|node_use_\w+|(?:nix_)?ssl_\w+|(?:https?|all|no)_proxy|npm_config_(?:registry|cafile|\w*proxy|userconfig|globalconfig))$/i;
  const found = Object.entries(process.env).filter(([key, value]) => value !== undefined && name.test(key));
  return Object.fromEntries(found) as Record<string, string>;
}
