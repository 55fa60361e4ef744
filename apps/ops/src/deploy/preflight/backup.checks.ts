import { stat } from "node:fs/promises";
import { fingerprintOf } from "../../backup/archive.ts";
import type { StoredBackup } from "../../backup/backup-manifest.ts";
import { newestBackupIn } from "../../backup/backup-manifest.ts";
import type { Check } from "../checks/check.ts";
import type { PreflightInputs } from "./preflight.inputs.ts";

const HOUR_MS = 3_600_000;

export const BACKUP_CHECK: Check<PreflightInputs> = {
  id: "backup_recent",
  expected: "a recent backup of this database with the right checksum",
  async run({ backups, database, oldestBackupMs, now }) {
    const here = await database();
    const newest = newestBackupIn(backups, here);
    if (newest === null && !here.present) return { ok: true, found: "the database has no ledger yet" };
    if (newest === null) return { ok: false, found: `none of ${here.database} in ${backups}`, next: NEXT };
    const hours = Math.max(0, Math.floor((now() - Date.parse(newest.manifest.created_at)) / HOUR_MS));
    const age = `${newest.name}, ${hours} h old`;
    const damage = await damageOf(newest);
    if (damage !== null) return { ok: false, found: `${age}, ${damage}`, next: NEXT };
    return { ok: hours * HOUR_MS < oldestBackupMs, found: `${age}, undamaged`, next: NEXT };
  },
};

const NEXT = "Make a backup now, and copy it to another machine.";

async function damageOf({ archive, manifest }: StoredBackup): Promise<string | null> {
  const file = await stat(archive).catch(() => null);
  if (file === null) return "the dump is missing";
  if (file.size !== manifest.size_bytes) return `the dump has ${file.size} of ${manifest.size_bytes} bytes`;
  const { sha256 } = await fingerprintOf(archive);
  return sha256 === manifest.sha256 ? null : "the dump has another checksum";
}
