import { expect, inject, test } from "vitest";
import { TINY } from "../src/figures/bench.scale.ts";
import { profileLines, runProfile } from "../src/profile/profile.session.ts";

test("a profile has the time per delivery of each room and each function", async () => {
  const profile = await runProfile({ scale: TINY, programs: inject("programs"), say: () => undefined });
  const rooms = [
    "node:http, net, stream",
    "packages/providers/src/vapi",
    "packages/db/src/write",
    "node:zlib",
  ];
  expect(Object.keys(profile.api)).toEqual(expect.arrayContaining(rooms));
  for (const name of ["record_deliveries", "merge_tracking", "summarize_calls"]) {
    expect(profile.functions[name], name).toBeGreaterThan(0);
  }
  expect(profileLines(profile).join("\n")).toMatch(
    /^the api's main thread: \d+ µs a delivery\n +[\d.]+ +\d+ % /m,
  );
}, 120_000);
