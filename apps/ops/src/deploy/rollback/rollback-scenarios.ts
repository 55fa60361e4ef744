import { incompatibility } from "@call-ledger/db/compatibility";
import type { SchemaState } from "@call-ledger/db/migrate";
import type { Refusals } from "@call-ledger/db-operator/admin";

/** The facts about the ledger after a failed deployment. */
export type RollbackFacts = {
  readonly schema: SchemaState;
  /** The number of migrations that the previous release knows; `null`: it was not given, and no backup has it. */
  readonly previous: number | null;
  readonly refusals: readonly Refusals[];
  /** The newest backup's name; `null`: there is none. */
  readonly backup: string | null;
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
export function rollbackScenarios({ schema, previous, refusals, backup }: RollbackFacts): Scenario[] {
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
      applies: may && worst === undefined,
      because:
        previous === null
          ? "not known: give the number of migrations that the previous release knows, with --to N"
          : (hindrance ??
            `the schema (version ${schema.version}) accepts code that knows ${schema.oldestCode} migrations or more, and the previous release knows ${previous}`),
      command: `rollback code${previous === null ? " --to N" : ""}`,
    },
    {
      id: "full",
      applies: !may && worst === undefined && previous !== null,
      because:
        worst !== undefined
          ? "dropping the constraint is a smaller change"
          : may
            ? "the code alone can go back, which is a smaller change"
            : backup === null
              ? "there is no backup; check the dashboard of the database for one"
              : `the newest backup is ${backup}; the deliveries since then are booked again`,
      command: "rollback full",
    },
  ];
}
