import { ledgerPresence } from "@call-ledger/db-operator/backup";
import { command, usage } from "../cli/command.ts";
import { table } from "../cli/table.ts";
import { databaseUrl } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { BACKUPS_FOLDER, newestBackup } from "./backup-manifest.ts";
import { backupNamed, confirmedRestore, RESTORE_OPTIONS, replayOptions } from "./confirmed-restore.ts";
import { replayFile } from "./replay-later.ts";
import { rehearseRestore } from "./restore-backup.ts";
import { replayedDocument, replayedText, restoredResult } from "./restored.result.ts";

export const restoreCommand = command({
  about:
    "Replaces the ledger by a backup (FILE, else the newest of this database), after the database's name was typed. It " +
    "backs up the present rows and saves the deliveries since the backup, replaces all rows in one transaction, and " +
    "books the saved deliveries. Writers wait meanwhile. The schema becomes the backup's. An empty database gets " +
    "schema and rows. A failure before the commit changes nothing (exit code 1). After it, the printed command does " +
    "the rest (exit code 4).",
  options: {
    rehearse: { about: "restore into a temporary database and compare counts and checksums" },
    into: { value: "URL", about: "with --rehearse: the empty database to use", parse: databaseUrl },
    replay: { value: "FILE", about: "only book the deliveries that an interrupted restore saved" },
    rebuild: { about: "create the schema again even if it is already the backup's" },
    ...RESTORE_OPTIONS,
  },
  values: "[FILE]",
  examples: [
    "restore --rehearse",
    "restore backups/ledger-20260312T150500123Z.dump",
    "restore --confirm ledger --json",
  ],

  async run(input, surroundings, values) {
    const { env, program, progress } = surroundings;
    const { replay, into, rehearse, rebuild, client } = input;
    if (replay !== undefined) {
      const replayed = await replayFile(replay, replayOptions(surroundings));
      return { document: replayedDocument(replayed), text: replayedText(replayed) };
    }
    if (into !== undefined && !rehearse) throw usage("--into can be used only with --rehearse.");
    const backup =
      backupNamed(values) ??
      newestBackup(input.backups ?? BACKUPS_FOLDER, await ledgerPresence(ownerUrl(env)));
    if (!rehearse) {
      return restoredResult(await confirmedRestore(backup, { input, rebuild }, surroundings), program);
    }
    const { content } = await rehearseRestore(backup, {
      ownerUrl: ownerUrl(env),
      client,
      env,
      progress,
      standsAt: surroundings.standsAt,
      into,
    });
    const rows = Object.entries(content).map(([name, found]) => [name, String(found.rows), found.checksum]);
    return {
      document: { backup: backup.name, rehearsed: true, tables: content },
      text: [
        ...table(["TABLE", "ROWS", "CHECKSUM"], rows),
        `${backup.name} can be restored: all counts and checksums are equal to the backup's. The temporary rows were removed.`,
      ],
    };
  },
});
