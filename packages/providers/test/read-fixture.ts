import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("./fixtures/", import.meta.url);

/**
 * Returns the exact bytes of a recorded delivery by its path under `test/fixtures`:
 * `vapi/16-inbound-end-of-call-report.json`.
 */
export function fixture(path: string): Uint8Array {
  return readFileSync(new URL(path, FOLDER));
}

/**
 * Returns the paths of the recorded deliveries of a dialect, in order. Files that are not deliveries (a REST answer)
 * are left out.
 */
export function fixtureNames(dialect: "vapi" | "flat"): string[] {
  const names = readdirSync(new URL(dialect, FOLDER)).filter((name) => !name.includes("-rest-"));
  return names.sort().map((name) => `${dialect}/${name}`);
}
