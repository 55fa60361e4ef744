import { expect, test } from "vitest";
import { databaseRoom } from "./database-room.ts";

test("payloads are stored up to 90 % of the limit; a change is logged once, and the size is read every five seconds", async () => {
  const told: string[] = [];
  const keep = (_fields: unknown, message: string) => void told.push(message);
  const log = { debug: keep, info: keep, warn: keep, error: keep };
  const sizes: (number | null)[] = [450, 451, 460, null, 445, 439, 451];
  let looks = 0;
  let now = 0;
  const status = async () => {
    const databaseSizeMb = sizes[looks++] ?? null;
    return databaseSizeMb === null ? null : { databaseSizeMb };
  };
  const hasRoom = databaseRoom(status, 500, log, () => now);
  const seen: boolean[] = [];
  for (const _ of sizes) {
    hasRoom();
    now += 4_999;
    await new Promise(setImmediate);
    seen.push(hasRoom());
    now += 1;
  }
  expect(looks).toBe(sizes.length);
  expect(seen).toEqual([true, false, false, false, false, true, false]);
  expect(told.map((line) => line.split(":")[0])).toEqual([
    "CRITICAL",
    "The database has room again",
    "CRITICAL",
  ]);
});
