import { expect, test } from "vitest";
import type { StoredBackup } from "../../backup/backup-manifest.ts";
import { lastDeployed, wayBackIn } from "./way-back.ts";

const [OLDER, OLD, NEW, NEWER] = ["0", "a", "b", "c"].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
  string,
];

/** A backup as `name`, of a schema with so many migrations. Without a release it is one of the command backup. */
function backup(
  name: string,
  migrations: number,
  release: string | null = null,
  target?: string | null,
): StoredBackup {
  const manifest = {
    database: "ledger",
    server_version: "18.4",
    client_major: 18,
    created_at: "2026-03-12T15:05:00.000Z",
    purpose: "backup" as const,
    sha256: "",
    size_bytes: 1,
    tables: {},
    checksums: {},
    release,
    ...(target === undefined ? {} : { before_release: target }),
    schema_version: migrations,
    migrations: Array.from({ length: migrations }, () => ({ hash: "", created_at: 1 })),
  };
  return { name, archive: `${name}.dump`, manifest };
}

/** Returns name, release and known migrations of the way back. `backups` are newest first. */
function wayBack(backups: readonly StoredBackup[], running: string | null, oldestCode = 1, version = 55) {
  const found = wayBackIn(backups, { running, schema: { version, oldestCode } });
  return found && [found.backup.name, found.release, found.known];
}

const first = backup("first", 54, OLD, NEW);

test("a second attempt, and a backup by hand, leave the first attempt's backup as the way back", () => {
  expect(wayBack([first], NEW)).toEqual(["first", OLD, 54]);
  const again = [backup("by hand", 55), backup("again", 55, NEW, NEW), first];
  expect(wayBack(again, NEW)).toEqual(["first", OLD, 54]);
  expect([wayBack(again, null), lastDeployed(again)]).toEqual([["first", OLD, 54], NEW]);
});

test("if the older release still runs, the backup before the migration is the way back", () => {
  const earlier = backup("earlier", 53, OLDER, OLD);
  const again = backup("again", 55, OLD, NEW);
  expect(wayBack([again, first, earlier], OLD)).toEqual(["first", OLD, 54]);
  expect(wayBack([again, first, earlier], NEW)).toEqual(["first", OLD, 54]);
  const unchanged = [backup("second", 54, OLD, NEW), first];
  expect(wayBack(unchanged, NEW)).toEqual(["second", OLD, 54]);
});

test("an attempt that changed nothing is no release to go back from", () => {
  const failed = backup("failed", 55, NEW, NEWER);
  expect(wayBack([failed, first], NEW)).toEqual(["first", OLD, 54]);
  expect(wayBack([failed, first], NEWER)).toEqual(["failed", NEW, 55]);
});

test("attempts for another commit count only if the older release cannot run on the schema", () => {
  const other = backup("other", 55, OLD, NEWER);
  expect(wayBack([other, first], NEWER, 54)).toEqual(["other", OLD, 54]);
  expect(wayBack([other, first], NEWER, 55)).toEqual(["first", OLD, 54]);
});

test("a backup without a release counts only if its schema is older than the present one", () => {
  expect(wayBack([backup("by hand", 55)], NEW)).toBeNull();
  expect(wayBack([backup("by hand", 54), backup("long ago", 50, OLDER, OLD)], NEW)).toEqual([
    "by hand",
    null,
    54,
  ]);
});

test("a backup of an older manifest, and a commit that is named by its first digits", () => {
  expect(wayBack([backup("new", 55, NEW), backup("old", 54, OLD)], NEW)).toEqual(["old", OLD, 54]);
  expect(wayBack([backup("again", 55, NEW, NEW.slice(0, 12)), first], NEW)).toEqual(["first", OLD, 54]);
  expect(wayBack([backup("again", 55, NEW, NEW.slice(0, 12)), first], NEW.slice(0, 12))).toEqual([
    "first",
    OLD,
    54,
  ]);
  expect(wayBack([], NEW)).toBeNull();
});
