import { command } from "../../cli/command.ts";
import { table } from "../../cli/table.ts";
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
    const report = await verify(surroundings, { server, schemaOnly: schema });
    return checksResult(report, {
      document: { newest_events: eventsOf(report) },
      before: newestEvents(report),
      after: whatIsNext(report, server, surroundings.program),
    });
  },
});

function eventsOf({ newestEvents }: VerifyResult) {
  return newestEvents.map(({ eventId, type, orgId, createdAt }) => ({
    event_id: eventId,
    event_type: type,
    org_id: orgId,
    created_at: createdAt.toISOString(),
  }));
}

function newestEvents(report: VerifyResult): readonly string[] {
  const events = eventsOf(report);
  if (events.length === 0) return [];
  const rows = events.map((event) => [event.created_at, event.event_type, event.org_id, event.event_id]);
  return ["The newest events:", ...table(["CREATED", "TYPE", "ORGANIZATION", "EVENT"], rows)];
}

function whatIsNext({ ok }: VerifyResult, server: URL | undefined, program: string): readonly string[] {
  if (!ok) return ["Correct the first of them and verify again before you continue."];
  const next =
    server === undefined ? "verify URL, which checks the running server too" : `smoke ${server.href}`;
  return [`Next: ${program} ${next}`];
}
