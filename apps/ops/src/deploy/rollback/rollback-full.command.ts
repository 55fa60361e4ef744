import { backupNamed, confirmedRestore, RESTORE_OPTIONS } from "../../backup/confirmed-restore.ts";
import { restoredResult } from "../../backup/restored.result.ts";
import { command } from "../../cli/command.ts";
import { codeSteps } from "./code.steps.ts";

export const rollbackFullCommand = command({
  about:
    "Rolls code and database back to the state before a deployment. Restores the newest backup (or FILE), schema and rows, " +
    "like the command restore; books the deliveries since the backup; and prints the steps for the code. The running " +
    "release does not work with an older schema, so deploy the older one at the same time.",
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
