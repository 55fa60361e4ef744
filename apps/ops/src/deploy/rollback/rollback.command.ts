import { command } from "../../cli/command.ts";
import { table } from "../../cli/table.ts";
import { serverIn } from "../../cli/values.ts";
import { ROLLBACK_OPTIONS, rollbackFacts } from "./rollback-facts.ts";
import { rollbackScenarios } from "./rollback-scenarios.ts";

export const rollbackCommand = command({
  about:
    "Shows which of the deployment guide's three ways back applies, and why: dropping one constraint that refuses " +
    "deliveries, the code alone, or everything from the backup before this release. URL is the server, which tells the " +
    "commit that runs; without it, that of the last deployment counts as running. Changes nothing.",
  options: ROLLBACK_OPTIONS,
  values: "[URL]",
  examples: ["rollback https://ledger.example.com", "rollback --to 4 --json"],

  async run(input, surroundings, values) {
    const facts = await rollbackFacts(input, surroundings, serverIn(values));
    const scenarios = rollbackScenarios(facts);
    const first = scenarios.find(({ applies }) => applies);
    return {
      document: {
        schema_version: facts.schema.version,
        oldest_code: facts.schema.oldestCode,
        previous: facts.previous,
        release: facts.release,
        running: facts.running,
        backup: facts.backup?.name ?? null,
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
