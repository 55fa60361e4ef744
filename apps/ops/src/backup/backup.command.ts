import { command } from "../cli/command.ts";
import { table } from "../cli/table.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { BACKUPS_FOLDER } from "./backup-manifest.ts";
import { takeBackup } from "./take-backup.ts";

export const backupCommand = command({
  about:
    "Writes the rows of the ledger's tables into an archive (pg_dump, custom format) and beside it a manifest: " +
    "checksum, row counts, the migrations that made the schema. It is read back and counted against the database as of " +
    "the same moment before it is called a backup. Other tables of the database are left out; so is the schema, which " +
    "restore makes by the migrations. The archive holds phone numbers and transcripts: only its owner may read it, and " +
    "it should leave this machine. Needs pg_dump and pg_restore of the server's major or newer, and a connection that " +
    "is no pooler in transaction mode.",
  options: {
    backups: { value: "DIR", about: `where to; default ${BACKUPS_FOLDER}` },
    client: { value: "DIR", about: "the folder that pg_dump and pg_restore lie in" },
  },
  examples: ["backup", "backup --backups /mnt/backups --json"],

  async run({ backups = BACKUPS_FOLDER, client }, { env, program, progress, standsAt }) {
    const url = ownerUrl(env);
    standsAt({ changed: false, said: "There is no backup of this run, and nothing was changed." });
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
