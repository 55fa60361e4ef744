import { command } from "../../cli/command.ts";
import { requiredServer } from "../../cli/values.ts";
import { SECRET_ABOUT, webhookAccountIn } from "../../simulation/webhook-credential.ts";
import { checksResult } from "../checks/check-result.ts";
import { PROBE_MAY_BE_LEFT, smoke } from "./smoke.ts";

export const smokeCommand = command({
  about:
    "Tests a running server: /health in the guide's form and within its time, 401 for an unsigned delivery, and a " +
    "signed probe call that is sent twice and has to be booked once. The probe belongs to the reserved organization " +
    "`call-ledger smoke`, which is created and removed through the database, so the database has to be the server's " +
    "own.",
  options: { secret: { value: "S", about: SECRET_ABOUT } },
  values: "URL",
  examples: ["smoke http://localhost:3001", "smoke https://ledger.example.com --json"],

  async run({ secret }, surroundings, values) {
    const server = requiredServer(values, "smoke");
    const account = webhookAccountIn(secret, surroundings.env);
    surroundings.standsAt({ changed: false, message: PROBE_MAY_BE_LEFT });
    const result = await smoke(surroundings, { server, account });
    const next =
      "Do not send calls there before this is corrected. You can deploy the previous release again.";
    return checksResult(result, { after: result.ok ? [] : [next] });
  },
});
