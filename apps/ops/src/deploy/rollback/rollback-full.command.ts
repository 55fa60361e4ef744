import { backupNamed, confirmedRestore, RESTORE_OPTIONS } from "../../backup/confirmed-restore.ts";
import { restoredResult } from "../../backup/restored.result.ts";
import { command } from "../../cli/command.ts";
import { codeSteps } from "./code.steps.ts";

export const rollbackFullCommand = command({
  about:
    "Code and database go back to where they were before a deployment: restores the newest backup (or FILE) as restore " +
    "does, schema and rows, books what was received since, and prints the steps for the code. The release that runs " +
    "does not fit a schema that is older than it: put the older one in place at the same time.",
  options: RESTORE_OPTIONS,
  values: "[FILE]",
  examples: ["rollback full", "rollback full --confirm ledger"],

  async run(input, surroundings, values) {
    const backup = await backupNamed(values, input, surroundings);
    const restored = await confirmedRestore(backup, { input, rebuild: false }, surroundings);
    const { document, text } = restoredResult(restored, surroundings.program);
    return {
      document,
      text: [...text.slice(0, -1), ...codeSteps(surroundings.program, backup.manifest.release ?? null)],
    };
  },
});
