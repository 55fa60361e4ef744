import type { HousekeepingRun } from "@call-ledger/db/access";
import { readHousekeeping } from "@call-ledger/db/access";
import { asOperator } from "@call-ledger/db-operator/admin";
import type { HousekeepingJob } from "@call-ledger/worker/housekeeping";
import { HOUSEKEEPING_JOBS } from "@call-ledger/worker/housekeeping";
import { command } from "../cli/command.ts";
import { table } from "../cli/table.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { figuresIn, intervalOf } from "./figures.ts";

export const housekeepingListCommand = command({
  about:
    "Shows the housekeeping jobs: how often each is due, its last run with result or error, and its next run. A worker " +
    "runs them automatically. A job without success for three of its intervals is late, which /health shows too.",
  options: {},
  examples: ["housekeeping list", "housekeeping list --json"],

  async run(_options, { env }) {
    const runs = await asOperator(ownerUrl(env), readHousekeeping);
    const documents = HOUSEKEEPING_JOBS.map((job) =>
      documentOf(
        job,
        runs.find(({ name }) => name === job.name),
      ),
    );
    const rows = documents.map((one) => [
      one.name,
      intervalOf(one.every_seconds),
      one.last_run_at,
      one.took_ms === null ? null : `${one.took_ms} ms`,
      one.late ? `LATE: ${one.outcome ?? "no run has succeeded"}` : one.outcome,
      one.running ? "running" : one.next_run_at,
    ]);
    const late = documents.filter((one) => one.late);
    return {
      document: documents.map(({ outcome: _outcome, ...document }) => document),
      text: [
        ...table(["NAME", "EVERY", "LAST RUN", "TOOK", "RESULT", "NEXT"], rows),
        ...(late.length === 0 ? [] : ["Is a worker running? housekeeping run NAME runs a job here now."]),
      ],
    };
  },
});

function documentOf({ name, everySeconds }: HousekeepingJob, run: HousekeepingRun | undefined) {
  const error = run?.error ?? null;
  return {
    name,
    every_seconds: everySeconds,
    last_run_at: run?.finishedAt?.toISOString() ?? null,
    succeeded_at: run?.succeededAt?.toISOString() ?? null,
    took_ms: run?.tookMs ?? null,
    result: run?.result ?? null,
    error,
    running: run?.running ?? false,
    late: run?.late ?? false,
    next_run_at: run?.nextRunAt.toISOString() ?? null,
    outcome: error === null ? (run?.result ? figuresIn(run.result) : null) : `failed: ${error}`,
  };
}
