import { command } from "../../cli/command.ts";
import { documentOf, listResult } from "../../cli/list-result.ts";
import { serverIn } from "../../cli/values.ts";
import { checksResult } from "../checks/check-result.ts";
import type { VerifyResult } from "./verify.ts";
import { verify } from "./verify.ts";

export const verifyCommand = command({
  about:
    "Makes the checks of the deployment guide after a deployment: its verification queries, its success criteria, the newest " +
    "events. Also checks that the schema is the committed one, and that calls, call_tracking and call_logs agree. Changes " +
    "nothing. With the URL of a running server it checks the server too: its health, and that it refuses an unsigned " +
    "delivery.",
  options: {
    schema: {
      about:
        "check only the results of migrations: the schema, and the objects that are used by name; no rows",
    },
  },
  values: "[URL]",
  examples: [
    "verify",
    "verify https://ledger.example.com --json   prints {ok, checks: [{id, ok, expected, found, next}], newest_events}",
  ],

  async run({ schema }, surroundings, values) {
    const server = serverIn(values);
    const result = await verify(surroundings, { server, schemaOnly: schema });
    return checksResult(result, {
      document: { newest_events: result.newestEvents.map(documentOf) },
      before: newestEvents(result),
      after: whatIsNext(result, server, surroundings.program),
    });
  },
});

function newestEvents({ newestEvents: rows }: VerifyResult): readonly string[] {
  if (rows.length === 0) return [];
  const { text } = listResult(rows, {
    columns: {
      CREATED: ({ createdAt }) => createdAt,
      TYPE: ({ eventType }) => eventType,
      ORGANIZATION: ({ orgId }) => orgId,
      EVENT: ({ eventId }) => eventId,
    },
    none: "",
  });
  return ["The newest events:", ...text];
}

function whatIsNext({ ok }: VerifyResult, server: URL | undefined, program: string): readonly string[] {
  if (!ok) return ["Correct the first of them and verify again before you continue."];
  const next =
    server === undefined ? "verify URL, which checks the running server too" : `smoke ${server.href}`;
  return [`Next: ${program} ${next}`];
}
