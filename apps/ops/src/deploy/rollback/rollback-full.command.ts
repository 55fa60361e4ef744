import { assertNoOperation } from "@call-ledger/db/migrate";
import { ledgerPresence } from "@call-ledger/db-operator/backup";
import type { StoredBackup } from "../../backup/backup-manifest.ts";
import { BACKUPS_FOLDER, newestBackup } from "../../backup/backup-manifest.ts";
import { backupNamed, confirmedRestore, RESTORE_OPTIONS } from "../../backup/confirmed-restore.ts";
import { restoredResult } from "../../backup/restored.result.ts";
import { command, failure } from "../../cli/command.ts";
import { ownerUrl } from "../../database/owner-url.ts";
import { codeSteps } from "./code.steps.ts";
import { stateBefore } from "./rollback-facts.ts";

export const rollbackFullCommand = command({
  about:
    "Rolls code and database back to the state before a deployment. Restores the backup before this release (or FILE), schema " +
    "and rows, like the command restore; books the deliveries since the backup; and prints the steps for the code. The running " +
    "release does not work with an older schema, so deploy the older one at the same time.",
  options: RESTORE_OPTIONS,
  values: "[FILE]",
  examples: ["rollback full", "rollback full --confirm ledger"],

  async run(input, surroundings, values) {
    const backup =
      backupNamed(values) ??
      (await backupBefore(ownerUrl(surroundings.env), input.backups ?? BACKUPS_FOLDER));
    const restored = await confirmedRestore(backup, { input, rebuild: false }, surroundings);
    const { document, text } = restoredResult(restored, surroundings.program);
    return {
      document,
      text: [...text.slice(0, -1), ...codeSteps(surroundings.program, backup.manifest.release ?? null)],
    };
  },
});

/** Throws OpsError and DbError. */
async function backupBefore(url: string, folder: string): Promise<StoredBackup> {
  await assertNoOperation(url);
  const { back } = await stateBefore(url, folder, undefined);
  if (back !== null) return back.backup;
  const newest = newestBackup(folder, await ledgerPresence(url));
  if ((newest.manifest.release ?? null) === null) return newest;
  throw failure(
    `No backup in ${folder} is from before this release: the newest, ${newest.name}, is of the release that runs. ` +
      "Nothing was changed. Name the file to restore.",
  );
}
