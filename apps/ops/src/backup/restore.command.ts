import { command, usage } from "../cli/command.ts";
import { table } from "../cli/table.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { backupNamed, confirmedRestore, RESTORE_OPTIONS, replayOptions } from "./confirmed-restore.ts";
import { replayFile } from "./replay-later.ts";
import { rehearseRestore } from "./restore-backup.ts";
import { replayedDocument, replayedText, restoredResult } from "./restored.result.ts";

export const restoreCommand = command({
  about:
    "Puts a backup (FILE, else the newest of this database) in the place of the ledger, after the database's name was typed. First it " +
    "backs up what is there and saves the deliveries that were received since the backup; then it replaces all rows in " +
    "one transaction, counts and checks them before the commit, and books the saved deliveries through the write path. " +
    "Writers wait meanwhile. If the schema is not the backup's, that transaction drops it and creates it again " +
    "by the migrations that the backup had. An empty database gets schema and rows. Until the commit a failure changes " +
    "nothing (exit code 1); after it the rest can be called again (exit code 4). --rehearse proves a backup without " +
    "touching the ledger.",
  options: {
    rehearse: { about: "restore into a scratch database, compare counts and checksums, leave nothing" },
    into: { value: "URL", about: "with --rehearse: an empty database to do it in" },
    replay: { value: "FILE", about: "only book what an interrupted restore had saved" },
    rebuild: { about: "make the schema anew even where it is the backup's already" },
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
    if (into !== undefined && !rehearse) throw usage("--into goes with --rehearse.");
    if (into !== undefined && URL.parse(into) === null) throw usage("--into is the URL of a database.");
    const backup = await backupNamed(values, input, surroundings);
    if (!rehearse) {
      return restoredResult(await confirmedRestore(backup, { input, rebuild }, surroundings), program);
    }
    const { content } = await rehearseRestore(backup, {
      ownerUrl: ownerUrl(env),
      client,
      env,
      progress,
      into,
    });
    const rows = Object.entries(content).map(([name, found]) => [name, String(found.rows), found.checksum]);
    return {
      document: { backup: backup.name, rehearsed: true, tables: content },
      text: [
        ...table(["TABLE", "ROWS", "CHECKSUM"], rows),
        `${backup.name} can be restored: all counts and checksums are those of the backup. Nothing was left behind.`,
      ],
    };
  },
});
