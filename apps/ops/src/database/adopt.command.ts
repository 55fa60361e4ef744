import type { AdoptionResult } from "@call-ledger/db-operator/adopt";
import { AdoptionError, AdoptionStopped, adopt, FATES, SourceFailure } from "@call-ledger/db-operator/adopt";
import { vapiEnding } from "@call-ledger/providers";
import { command, failure, halfWay, OpsError } from "../cli/command.ts";
import { documentOf } from "../cli/list-result.ts";
import { table } from "../cli/table.ts";
import { databaseUrl } from "../cli/values.ts";
import { databaseFailure } from "./database-failure.ts";
import { SHARE_ROLES } from "./migrate.command.ts";
import { ownerUrl } from "./owner-url.ts";

const SHOWN = 20;
const STANDING =
  "The tables are moved and the schema is migrated, both or neither, and booked calls stay booked. Run the same command again.";

export const adoptCommand = command({
  about:
    "Imports the database of an older application. Its tables move to the schema adopted, the schema is migrated, and " +
    "every row that can be attributed to an organization is booked. Other rows are listed with the reason. You can run " +
    "it any number of times: nothing is booked twice, and the next run finishes an interrupted one. The old " +
    "application cannot write to that database afterwards. Stop it first, or import from a new database with --from.",
  options: {
    "dry-run": {
      about: "change nothing; show the result for each row and for the objects that depend on the tables",
    },
    "share-roles": SHARE_ROLES,
    "application-stopped": {
      about:
        "nothing uses the old tables, so a dry run may lock those whose rows are hidden from their owner",
    },
    from: {
      value: "URL",
      about: "the old database, if it is not the ledger's; it is only read",
      parse: databaseUrl,
    },
  },
  examples: [
    "adopt --dry-run",
    'adopt --from "$OLD_DATABASE_URL"',
    "adopt --json   prints {moved, unattributed, duplicates, …}",
  ],

  async run({ dryRun, from, shareRoles, applicationStopped }, { env, program, now, progress, standsAt }) {
    const url = ownerUrl(env);
    standsAt({ changed: false, message: dryRun ? "A dry run changes nothing." : "Nothing was changed." });
    try {
      const result = await adopt(url, {
        dryRun,
        from,
        shareRoles,
        applicationStopped,
        endingNamed: vapiEnding,
        now: now(),
        log: (line) => {
          if (!dryRun) standsAt({ changed: false, message: STANDING });
          progress(line);
        },
      });
      const unattributedRows = result.unattributedRows.map(documentOf);
      return {
        document: documentOf({ ...result, dryRun, unattributedRows }),
        text: textOf(result, dryRun, from, program),
      };
    } catch (error) {
      if (error instanceof AdoptionError) throw failure(`Nothing was changed: ${error.message}.`);
      if (error instanceof SourceFailure) throw sourceFailure(error, from);
      if (error instanceof AdoptionStopped) throw stopped(error, from);
      throw error;
    }
  },
});

/** Names the old database, because other database errors name the ledger's. */
function sourceFailure({ failure: cause }: SourceFailure, from = ""): OpsError {
  const found = databaseFailure(cause, from) ?? failure(cause.message);
  return new OpsError(found.exitCode, `The old database, of --from: ${found.message}`);
}

function stopped({ message, cause }: AdoptionStopped, from: string | undefined): OpsError {
  const reason = cause instanceof SourceFailure ? sourceFailure(cause, from).message : `${message}.`;
  const place = from === undefined ? "the old tables" : "the old database";
  return halfWay(
    `Adoption stopped half-way. ${reason} The ledger's schema is migrated, and some calls are booked. ` +
      `Every row is still in ${place}. Correct the cause, then run the same command again: it books the rest.`,
  );
}

function textOf(
  result: AdoptionResult,
  dryRun: boolean,
  from: string | undefined,
  program: string,
): string[] {
  const rows = Object.entries(result.tables).map(([name, counts]) => [
    name,
    String(counts.moved),
    String(counts.unattributed),
    String(counts.duplicates),
  ]);
  const sums = [result.moved, result.unattributed, result.duplicates].map(String);
  const again = `${program} adopt${from === undefined ? "" : " --from URL"}`;
  return [
    ...table(["TABLE", "MOVED", "UNATTRIBUTED", "DUPLICATES"], [...rows, ["all", ...sums]]),
    "",
    `${result.calls} calls ${dryRun ? "would be booked; nothing was changed" : "booked"}.`,
    ...deletedLines(result, dryRun),
    ...leftLines(result, dryRun),
    ...columnLines(result),
    ...dependentLines(result, dryRun),
    ...contestedLines(result, program),
    dryRun
      ? `Next: ${from === undefined ? "stop the old application, then  " : ""}${again}`
      : `Next: ${program} org list, and start the server. ${from === undefined ? `The old tables stay in the schema ${result.oldSchema}; call-ledger does not need them.` : "The old database is unchanged."}`,
  ];
}

function deletedLines({ deleted }: AdoptionResult, dryRun: boolean): string[] {
  const found = Object.entries(deleted).filter(([, count]) => count > 0);
  if (found.length === 0) return [];
  const counts = found.map(([what, count]) => `${count} ${what}`).join(", ");
  return [
    `The old application had deleted ${counts}. They ${dryRun ? "would be" : "are"} adopted too; deleted agents are not live.`,
  ];
}

function leftLines({ unattributed, unattributedRows }: AdoptionResult, dryRun: boolean): string[] {
  if (unattributed === 0) return [];
  const shown = unattributedRows.slice(0, SHOWN).map(({ table: name, id, reason }) => [name, id, reason]);
  const all = dryRun ? "a real run lists all" : "all are";
  const more = unattributed > shown.length ? [`… and more: ${all} in the table adopted.unattributed`] : [];
  return ["", ...table(["LEFT IN", "ROW", "REASON"], shown), ...more];
}

function columnLines({ columns }: AdoptionResult): string[] {
  const found = Object.entries(columns);
  const kept = found.flatMap(([name, of]) => of.kept.map((column) => `${name}.${column}`));
  const counted = (which: "left" | "unread" | "outvoted", title: string) => {
    const rows = found.flatMap(([name, of]) =>
      Object.entries(of[which]).flatMap(([column, count]) =>
        count > 0 ? [[`${name}.${column}`, String(count)]] : [],
      ),
    );
    return rows.length === 0 ? [] : ["", ...table([title, "ROWS WITH A VALUE"], rows)];
  };
  return [
    ...(kept.length === 0 ? [] : ["", `Stored unchanged in call_logs.details: ${kept.join(", ")}`]),
    ...counted("left", "COLUMN THAT IS NOT READ"),
    ...counted("unread", "VALUE THAT COULD NOT BE READ"),
    ...counted("outvoted", "VALUE THAT ANOTHER ROW OUTVOTED"),
  ];
}

function dependentLines({ dependents }: AdoptionResult, dryRun: boolean): string[] {
  if (dependents.length === 0) return [];
  const kinds = Object.entries(FATES).flatMap(([kind, fate]) => {
    const its = dependents.filter((one) => one.kind === kind);
    const rows = its.map(({ name, tables }) => [`  ${name}`, tables.join(", ")]);
    return its.length === 0 ? [] : ["", `${kind}: ${fate}`, ...table(["  NAME", "ON"], rows)];
  });
  const begin = dryRun
    ? "Other objects that depend on these tables, and what happens to them:"
    : "Objects that depended on the tables:";
  return ["", begin, ...kinds, ""];
}

function contestedLines(
  { contestedAssistants, contestedNumbers }: AdoptionResult,
  program: string,
): string[] {
  const claim = "Agents of several organizations claim";
  return [
    ...contestedAssistants.map((id) => `${claim} assistant ${id}. Choose one with  ${program} agent add`),
    ...contestedNumbers.map(
      (number) => `${claim} number ${number}, so none has it. Give it to one in the console.`,
    ),
  ];
}
