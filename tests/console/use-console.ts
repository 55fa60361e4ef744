import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import type { Look, Tab } from "./browser.ts";
import { launch, openTab } from "./browser.ts";
import type { ConsoleUnderTest } from "./console-under-test.ts";
import { startConsole } from "./console-under-test.ts";

const START_MS = 240_000;

export type BrowsedConsole = ConsoleUnderTest & {
  /** `expected`: errors of the browser's console that the test causes. */
  openTab(look?: Look, expected?: readonly RegExp[]): Promise<Tab>;
};

/** Gives the tests of a `describe` the api with the built console, and a browser. Both are there once a test runs. */
export function useConsole(chromium: string): BrowsedConsole {
  const under = {} as BrowsedConsole;
  let browser: Browser;

  beforeAll(async () => {
    const [launched, started] = await Promise.all([launch(chromium), startConsole()]);
    browser = launched;
    Object.assign(under, started, {
      openTab: (look?: Look, expected?: readonly RegExp[]) => openTab(browser, look, expected),
    });
  }, START_MS);

  afterAll(async () => {
    await browser.close();
    await under.stop();
  });

  return under;
}
