import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { chromium } from "playwright-core";

const ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export type Look = {
  readonly width: 390 | 1440;
  readonly theme: "light" | "dark";
  /** IANA name of the browser's own time zone, which is not that of the organization. */
  readonly timezoneId?: string;
};

/** A page in a browser profile of its own, with its errors. */
export type Tab = {
  readonly page: Page;
  /** Errors of the browser's console, including violations of the page's policy, and uncaught errors. */
  readonly errors: string[];
  close(): Promise<void>;
};

export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

/** `expected`: errors of the browser's console that the test causes. */
export async function openTab(
  browser: Browser,
  { width, theme, ...others }: Look = { width: 1440, theme: "light" },
  expected: readonly RegExp[] = [],
): Promise<Tab> {
  const isPhone = width === 390;
  const context = await browser.newContext({
    ...others,
    viewport: { width, height: isPhone ? 844 : 900 },
    colorScheme: theme,
    hasTouch: isPhone,
    isMobile: isPhone,
  });
  const page = await context.newPage();
  const errors: string[] = [];
  const note = (text: string): void => {
    if (!expected.some((pattern) => pattern.test(text))) errors.push(text);
  };
  page.on("console", (message) => message.type() === "error" && note(message.text()));
  page.on("pageerror", (error) => note(String(error)));
  return { page, errors, close: () => context.close() };
}

/** Returns the faults that axe finds on the page, one line each, once what opens or slides on it has come to rest. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const axe: {
      run(options: {
        preload: boolean;
        resultTypes: string[];
        selectors: boolean;
      }): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
    } = Reflect.get(globalThis, "axe");
    // With `preload`, axe writes the styles of a shadow root into a style element, which the page's policy refuses.
    const options = { preload: false, resultTypes: ["violations"], selectors: false };
    // Text that is half transparent while it appears has too little contrast; what pulses or shimmers never ends.
    const page: {
      getAnimations(): {
        effect: { getComputedTiming(): { endTime: number } } | null;
        finished: Promise<unknown>;
      }[];
    } = Reflect.get(globalThis, "document");
    const passing = page
      .getAnimations()
      .filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime));
    await Promise.allSettled(passing.map(({ finished }) => finished));
    const { violations } = await axe.run(options);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary.slice(0, 240)}`),
    );
  });
}
