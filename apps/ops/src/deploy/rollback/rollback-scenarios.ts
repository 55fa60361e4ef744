import { incompatibility } from "@call-ledger/db/compatibility";
import type { SchemaState } from "@call-ledger/db/migrate";
import type { Refusals } from "@call-ledger/db-operator/admin";
import type { StoredBackup } from "../../backup/backup-manifest.ts";
import { isSameCommit } from "../new-version.ts";

/** The facts about the ledger after a failed deployment. */
export type RollbackFacts = {
  readonly schema: SchemaState;
  /** The number of migrations that the previous release knows; `null`: it was not given, and no backup has it. */
  readonly previous: number | null;
  readonly refusals: readonly Refusals[];
  /** The backup of the state before the running release; `null`: there is none. */
  readonly backup: Pick<StoredBackup, "name" | "archive"> | null;
  /** The commit that ran then; `null`: not known. */
  readonly release: string | null;
  /** The commit that the server has told; `null`: it is not known. */
  readonly running: string | null;
  /** The server, if the operator has named it. */
  readonly service: URL | null;
};

/** One of the three ways back. */
export type Scenario = {
  readonly id: "code" | "constraint" | "full";
  readonly applies: boolean;
  readonly because: string;
  /** The command, without the program's name. */
  readonly command: string;
};

/** Returns the three scenarios. The first one that applies makes the smallest change. */
export function rollbackScenarios(facts: RollbackFacts): Scenario[] {
  const { schema, previous, refusals } = facts;
  const [worst] = refusals;
  const hindrance = previous === null ? null : incompatibility(schema, previous);
  const may = previous !== null && hindrance === null;
  return [
    {
      id: "constraint",
      applies: worst !== undefined,
      because:
        worst === undefined
          ? "no delivery waits because a constraint refused it"
          : `${refusals.map(({ constraint, deliveries }) => `${constraint} refused ${deliveries}`).join(", ")} deliveries, which wait in quarantine`,
      command: `rollback constraint ${worst?.constraint ?? "NAME"}`,
    },
    {
      id: "code",
      applies: may && worst === undefined && !isSameCommit(facts.release, facts.running),
      because: codeReason(facts, hindrance),
      command: codeCommand(facts),
    },
    {
      id: "full",
      applies: !may && worst === undefined && previous !== null,
      because: fullReason(facts, may),
      command: facts.backup === null ? "rollback full" : `rollback full ${facts.backup.archive}`,
    },
  ];
}

function codeReason({ schema, previous, release, running }: RollbackFacts, hindrance: string | null): string {
  if (previous === null)
    return "not known: give the number of migrations that the previous release knows, with --to N";
  if (hindrance !== null) return hindrance;
  const name = `the previous release${release === null ? "" : ` (${release.slice(0, SHOWN_DIGITS)})`}`;
  const accepted = `the schema (version ${schema.version}) accepts code that knows ${schema.oldestCode} migrations or more, and ${name} knows ${previous}`;
  return isSameCommit(release, running) ? `${name} already runs` : accepted;
}

const SHOWN_DIGITS = 12;

function codeCommand({ service, release, previous }: RollbackFacts): string {
  if (previous === null) return "rollback code --to N";
  if (service === null) return "rollback code";
  return `rollback code ${service.origin}${release === null ? "" : ` --commit ${release}`}`;
}

function fullReason({ refusals, backup }: RollbackFacts, mayRun: boolean): string {
  if (refusals.length > 0) return "dropping the constraint is a smaller change";
  if (mayRun) return "the code alone can go back, which is a smaller change";
  return backup === null
    ? "no backup is from before this release; check the dashboard of the database for one"
    : `the backup before this release is ${backup.name}; the deliveries since then are booked again`;
}
