import { command } from "../../cli/command.ts";
import { table } from "../../cli/table.ts";
import { ROLLBACK_OPTIONS, rollbackFacts } from "./rollback-facts.ts";
import { rollbackScenarios } from "./rollback-scenarios.ts";

export const rollbackCommand = command({
  about:
    "Shows which of the deployment guide's three ways back applies, and why: dropping one constraint that refuses " +
    "deliveries, the code alone (the schema's compatibility marker shows that the older code can run on it), or everything " +
    "from the newest backup. Changes nothing.",
  options: ROLLBACK_OPTIONS,
  examples: ["rollback", "rollback --to 4 --json"],

  async run(input, surroundings) {
    const facts = await rollbackFacts(input, surroundings);
    const scenarios = rollbackScenarios(facts);
    const first = scenarios.find(({ applies }) => applies);
    return {
      document: {
        schema_version: facts.schema.version,
        oldest_code: facts.schema.oldestCode,
        previous: facts.previous,
        backup: facts.backup,
        scenarios,
      },
      text: [
        ...table(
          ["SCENARIO", "APPLIES", "BECAUSE"],
          scenarios.map(({ id, applies, because }) => [id, applies ? "yes" : "no", because]),
        ),
        first === undefined
          ? "None of them is known to apply."
          : `Next: ${surroundings.program} ${first.command}`,
      ],
    };
  },
});
