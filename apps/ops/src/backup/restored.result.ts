import { knownMigrations } from "@call-ledger/db/compatibility";
import type { Result } from "../cli/command.ts";
import { documentOf } from "../cli/list-result.ts";
import type { ReplayedLater } from "./replay-later.ts";
import type { RestoredLedger } from "./restore-backup.ts";

/** Returns the result of a restore. `program` is the command of this program in the caller's shell. */
export function restoredResult({ backup, rebuilt, before, later }: RestoredLedger, program: string): Result {
  const { created_at, tables, migrations } = backup.manifest;
  return {
    document: {
      backup: backup.name,
      created_at,
      tables,
      rebuilt,
      before: before?.archive ?? null,
      later: later && replayedDocument(later),
    },
    text: [
      `Restored: ${backup.name}, counted and checked table by table before the commit.`,
      ...(before === null ? [] : [`The ledger before the restore: ${before.archive}`]),
      ...(later === null
        ? []
        : [
            ...replayedText(later),
            `Their payloads are in ${later.file}: delete it after you have checked the ledger.`,
          ]),
      migrations.length < knownMigrations().length
        ? `The schema is the backup's, ${knownMigrations().length - migrations.length} migrations behind this release. Next: deploy the release of that schema, or ${program} migrate`
        : `Next: ${program} migrate --status, and check /health`,
    ],
  };
}

export function replayedDocument(later: ReplayedLater) {
  return documentOf({ ...later, lost: later.lost.map(documentOf) });
}

export function replayedText({ tried, replayed, putBack, lost }: ReplayedLater): string[] {
  return [
    `${replayed} deliveries since the backup were booked again (of ${tried}, which include some from shortly before it); ${putBack} rows of quarantine and recordings inserted again.`,
    ...(lost.length === 0
      ? []
      : [
          `${lost.length} events are not booked again: ${typesOf(lost)}. Nothing was stored to read them from ` +
            "(booked by SQL, content on another event or removed), or the backup does not have the call's organization " +
            "(quarantine list).",
        ]),
  ];
}

function typesOf(events: ReplayedLater["lost"]): string {
  const counts = new Map<string, number>();
  for (const { eventType } of events) counts.set(eventType, (counts.get(eventType) ?? 0) + 1);
  return [...counts].map(([type, count]) => `${count} ${type}`).join(", ");
}
