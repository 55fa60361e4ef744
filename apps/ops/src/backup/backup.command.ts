import { command } from "../cli/command.ts";
import { table } from "../cli/table.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { BACKUPS_FOLDER } from "./backup-manifest.ts";
import { takeBackup } from "./take-backup.ts";

export const backupCommand = command({
  about:
    "Writes the rows of the ledger's tables into an archive (pg_dump, custom format), and a manifest next to it. Then " +
    "it reads the archive back and compares its row counts with the database as of the same moment. Other tables are " +
    "not in the archive. It contains phone numbers and transcripts: copy it to another machine. Needs pg_dump and " +
    "pg_restore of the server's major or newer, and a connection that is not a pooler in transaction mode.",
  options: {
    backups: { value: "DIR", about: `the folder of the backup; default ${BACKUPS_FOLDER}` },
    client: { value: "DIR", about: "the folder of pg_dump and pg_restore" },
  },
  examples: ["backup", "backup --backups /mnt/backups --json"],

  async run({ backups = BACKUPS_FOLDER, client }, { env, program, progress, standsAt }) {
    const url = ownerUrl(env);
    standsAt({ changed: false, message: "This run made no backup, and nothing was changed." });
    const { name, archive, manifest } = await takeBackup({
      ownerUrl: url,
      folder: backups,
      client,
      purpose: "backup",
      env,
      progress,
    });
    const rows = Object.entries(manifest.tables).map(([name, count]) => [name, String(count)]);
    return {
      document: { name, archive, ...manifest },
      text: [
        ...table(["TABLE", "ROWS"], rows),
        `${archive}: ${manifest.size_bytes} bytes, SHA-256 ${manifest.sha256}`,
        `Next: ${program} restore ${archive} --rehearse`,
      ],
    };
  },
});
