import { incompatibility } from "@call-ledger/db/compatibility";
import type { SchemaState } from "@call-ledger/db/migrate";
import type { Refusals } from "@call-ledger/db-operator/admin";

/** What is known when something went wrong after a deployment. */
export type RollbackFacts = {
  readonly schema: SchemaState;
  /** How many migrations the release before this one knows; `null`: nobody said, and no backup tells. */
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
  /** What to call, after the program's name. */
  readonly command: string;
};

/** The three scenarios; the first that applies changes the least. */
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
          ? "not known: say how many migrations the release before knows, with --to N"
          : (hindrance ??
            `the schema (version ${schema.version}) takes code that knows ${schema.oldestCode} migrations or more, and the release before knows ${previous}`),
      command: `rollback code${previous === null ? " --to N" : ""}`,
    },
    {
      id: "full",
      applies: !may && worst === undefined && previous !== null,
      because:
        worst !== undefined
          ? "dropping the constraint changes less"
          : may
            ? "the code alone can go back, which changes less"
            : backup === null
              ? "there is no backup: look for one in the database's own dashboard"
              : `the newest backup is ${backup}; what was received since is booked again`,
      command: "rollback full",
    },
  ];
}
