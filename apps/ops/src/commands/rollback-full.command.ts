import { BACKUPS_FOLDER, backupAt, newestBackup } from "../backup/backup-manifest.ts";
import { confirmedRestore, RESTORE_OPTIONS } from "../backup/confirmed-restore.ts";
import { restoredResult } from "../backup/restored.result.ts";
import type { Command } from "../cli/command.ts";
import { usage } from "../cli/command.ts";
import { optionalText } from "../cli/values.ts";
import { codeSteps } from "../rollback/code.steps.ts";

export const rollbackFullCommand: Command = {
  about:
    "Code and database go back to where they were before a deployment: restores the newest backup (or FILE) as restore " +
    "does, schema and rows, books what was received since, and prints the steps for the code. The release that runs " +
    "does not fit a schema that is older than it: put the older one in place at the same time.",
  options: RESTORE_OPTIONS,
  values: "[FILE]",
  examples: ["rollback full", "rollback full --confirm ledger"],

  async run(input, surroundings) {
    const [file, ...others] = input.values;
    if (others.length > 0) throw usage("One backup at a time: name one file.");
    const folder = optionalText(input, "backups") ?? BACKUPS_FOLDER;
    const backup = file === undefined ? newestBackup(folder) : backupAt(file);
    const restored = await confirmedRestore(backup, { input, rebuild: false }, surroundings);
    const { document, text } = restoredResult(restored, surroundings.program);
    return { document, text: [...text.slice(0, -1), ...codeSteps(surroundings.program)] };
  },
};
