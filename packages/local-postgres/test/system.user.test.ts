import { chmodSync, mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { canEnter, postgresUser } from "../src/system.user.ts";

const NOBODY = "nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n";
const POSTGRES = "postgres:x:101:104::/var/lib/postgresql:/bin/bash\n";

test("root runs Postgres as postgres, else as nobody", () => {
  expect(postgresUser(0, () => NOBODY + POSTGRES)).toEqual({ uid: 101, gid: 104 });
  expect(postgresUser(0, () => NOBODY)).toEqual({ uid: 65_534, gid: 65_533 });
  expect(() => postgresUser(0, () => "root:x:0:0::/root:/bin/sh\n")).toThrow("neither a user");
});

test("another user runs Postgres as itself", () => {
  expect(postgresUser(1000, () => POSTGRES)).toBeUndefined();
});

test("a folder below a closed one cannot be entered", () => {
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const user = own.uid === 0 ? { uid: 65_534, gid: 65_534 } : own;
  const parent = mkdtempSync("/tmp/system-user-");
  const folder = join(parent, "open");
  mkdirSync(folder, { mode: 0o755 });
  chmodSync(parent, 0o600);
  expect(canEnter(folder, user)).toBe(false);
  chmodSync(parent, 0o711);
  expect(canEnter(folder, user)).toBe(true);
});
