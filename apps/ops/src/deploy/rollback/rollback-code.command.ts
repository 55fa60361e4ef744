import { incompatibility } from "@call-ledger/db/compatibility";
import { command, failure, usage } from "../../cli/command.ts";
import { codeSteps } from "./code.steps.ts";
import { LOOK_OPTIONS, rollbackFacts } from "./rollback-facts.ts";

export const rollbackCodeCommand = command({
  about:
    "The code alone goes back. Proves by the schema's compatibility marker that the older release may run on the schema " +
    "as it is, so that there is nothing to do in the database, and prints the steps. Exit code 1 where it may not.",
  options: LOOK_OPTIONS,
  examples: ["rollback code", "rollback code --to 4"],

  async run(input, surroundings) {
    const { schema, previous } = await rollbackFacts(input, surroundings);
    if (previous === null)
      throw usage(
        "No backup tells which release was there before: say how many migrations it knows, --to N.",
      );
    const hindrance = incompatibility(schema, previous);
    if (hindrance !== null) {
      throw failure(
        `The code alone cannot go back: ${hindrance}. Next: ${surroundings.program} rollback full, or mend this release and deploy it.`,
      );
    }
    return {
      document: {
        schema_version: schema.version,
        oldest_code: schema.oldestCode,
        previous,
        compatible: true,
      },
      text: [
        `Nothing has to be done in the database: it is at version ${schema.version}, takes code that knows ` +
          `${schema.oldestCode} migrations or more, and the older release knows ${previous}.`,
        ...codeSteps(surroundings.program),
      ],
    };
  },
});
