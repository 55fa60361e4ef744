import type { AdoptionResult } from "@call-ledger/db-operator/adopt";
import { AdoptionError, AdoptionStopped, adopt } from "@call-ledger/db-operator/adopt";
import { vapiEnding } from "@call-ledger/providers";
import { command, failure, halfWay } from "../cli/command.ts";
import { table } from "../cli/table.ts";
import { ownerUrl } from "./owner-url.ts";

const SHOWN = 20;

export const adoptCommand = command({
  about:
    "Brings over the database of an older application: its tables move to the schema adopted, the schema is migrated, " +
    "and every row that can be attributed to an organization is booked through the same merge as deliveries. What cannot " +
    "is listed with the reason, and in full in the table adopted.unattributed. It may run any number of times: nothing is " +
    "booked twice, and a run that was stopped is finished by the next. Stop the old application first.",
  options: { "dry-run": { about: "change nothing, say what would become of each row" } },
  examples: ["adopt --dry-run", "adopt --json   prints {moved, unattributed, duplicates, …}"],

  async run({ dryRun }, { env, program, now, progress }) {
    const url = ownerUrl(env);
    try {
      const report = await adopt(url, { dryRun, endingNamed: vapiEnding, now: now(), log: progress });
      return { document: documentOf(report, dryRun), text: textOf(report, dryRun, program) };
    } catch (error) {
      if (error instanceof AdoptionError) throw failure(`Nothing was changed: ${error.message}.`);
      if (error instanceof AdoptionStopped) {
        throw halfWay(
          `Adoption stopped half-way: ${error.message}. Nothing is lost; run  ${program} adopt  again.`,
        );
      }
      throw error;
    }
  },
});

function documentOf(report: AdoptionResult, dryRun: boolean) {
  const { moved, unattributed, duplicates, rows, calls, tables } = report;
  return {
    moved,
    unattributed,
    duplicates,
    rows,
    calls,
    dry_run: dryRun,
    tables,
    unattributed_rows: report.unattributedRows.map(({ table, id, providerCallId, reason }) => ({
      table,
      id,
      provider_call_id: providerCallId,
      reason,
    })),
    contested_assistants: report.contestedAssistants,
  };
}

function textOf(report: AdoptionResult, dryRun: boolean, program: string): string[] {
  const rows = Object.entries(report.tables).map(([name, counts]) => [
    name,
    String(counts.moved),
    String(counts.unattributed),
    String(counts.duplicates),
  ]);
  const sums = [report.moved, report.unattributed, report.duplicates].map(String);
  return [
    ...table(["TABLE", "MOVED", "UNATTRIBUTED", "DUPLICATES"], [...rows, ["all", ...sums]]),
    "",
    `${report.calls} calls ${dryRun ? "would be booked; nothing was changed" : "booked"}.`,
    ...leftLines(report),
    ...contestedLines(report, program),
    dryRun
      ? `Next: stop the old application, then  ${program} adopt`
      : `Next: ${program} org list, and start the server; the old tables stay in the schema adopted until you drop it.`,
  ];
}

function leftLines({ unattributed, unattributedRows }: AdoptionResult): string[] {
  if (unattributed === 0) return [];
  const shown = unattributedRows.slice(0, SHOWN).map(({ table: name, id, reason }) => [name, id, reason]);
  const more = unattributed > shown.length ? [`… and more, all in the table adopted.unattributed`] : [];
  return ["", ...table(["LEFT IN", "ROW", "REASON"], shown), ...more, ""];
}

function contestedLines({ contestedAssistants }: AdoptionResult, program: string): string[] {
  return contestedAssistants.map(
    (id) =>
      `Agents of several organizations claim assistant ${id}: say whose it is with  ${program} agent add`,
  );
}
