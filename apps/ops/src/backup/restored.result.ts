import { knownMigrations } from "@call-ledger/db/compatibility";
import type { Result } from "../cli/command.ts";
import type { ReplayedLater } from "./replay-later.ts";
import type { RestoredLedger } from "./restore-backup.ts";

/** What a restore has to say; `program` is how ours is called. */
export function restoredResult({ backup, rebuilt, before, later }: RestoredLedger, program: string): Result {
  const { created_at, tables, migrations } = backup.manifest;
  return {
    document: {
      backup: backup.name,
      created_at,
      tables,
      rebuilt,
      before: before?.archive ?? null,
      later: later === null ? null : { file: later.file, ...replayedDocument(later) },
    },
    text: [
      `Restored: ${backup.name}, counted and checked table by table before the commit.`,
      ...(before === null ? [] : [`What was there before: ${before.archive}`]),
      ...(later === null
        ? []
        : [...replayedText(later), `Their payloads are in ${later.file}: delete it when all is well.`]),
      migrations.length < knownMigrations().length
        ? `The schema is the backup's, ${knownMigrations().length - migrations.length} migrations behind this release. Next: deploy the release that it belongs to, or ${program} migrate`
        : `Next: ${program} migrate --status, and a look at /health`,
    ],
  };
}

export function replayedDocument({ tried, replayed, putBack, lost }: ReplayedLater) {
  return {
    tried,
    replayed,
    put_back: putBack,
    lost: lost.map(({ orgId, eventId, eventType }) => ({
      org_id: orgId,
      event_id: eventId,
      event_type: eventType,
    })),
  };
}

export function replayedText({ tried, replayed, putBack, lost }: ReplayedLater): string[] {
  return [
    `${replayed} deliveries since the backup were booked again (${tried} were tried, with those shortly before it), ${putBack} rows of quarantine and recordings put back.`,
    ...(lost.length === 0
      ? []
      : [
          `${lost.length} events are not booked again: ${typesOf(lost)}. Nothing was stored that they could be read from ` +
            "(booked by SQL, content on another event or removed), or the backup does not know whose call it is " +
            "(quarantine list).",
        ]),
  ];
}

function typesOf(events: ReplayedLater["lost"]): string {
  const counts = new Map<string, number>();
  for (const { eventType } of events) counts.set(eventType, (counts.get(eventType) ?? 0) + 1);
  return [...counts].map(([type, count]) => `${count} ${type}`).join(", ");
}
