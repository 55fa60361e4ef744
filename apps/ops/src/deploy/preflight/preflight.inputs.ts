import type { Environment } from "@call-ledger/config";
import type { LedgerPresence } from "@call-ledger/db-operator/backup";
import type { Inspection } from "@call-ledger/db-operator/inspect";
import type { Git } from "./git.ts";

/** A person's answer; `null`: nobody could be asked. `by` names the source of the answer. */
export type Answer = { readonly yes: boolean | null; readonly by: string };

/** The inputs of the checks before a deployment. */
export type PreflightInputs = {
  readonly env: Environment;
  readonly program: string;
  readonly inspection: Inspection;
  /** The database as the application's login sees it, if that is another login than the owner's. */
  readonly application: Inspection | null;
  /** Whether another ledger of the server may have rights in this one, and the reverse. */
  readonly shareRoles: boolean;
  /** In megabytes. */
  readonly limitMb: number;
  readonly git: Git;
  /** The top folder of the working tree. */
  readonly root: string;
  /** The folder of the migrations to apply. */
  readonly migrations: string;
  readonly backups: string;
  /** Throws DbError. */
  database(): Promise<LedgerPresence>;
  /** In milliseconds. */
  readonly oldestBackupMs: number;
  now(): number;
  confirm(question: string): Promise<Answer>;
};
