import type { Environment } from "@call-ledger/config";
import type { LedgerPresence } from "@call-ledger/db-operator/backup";
import type { Inspection } from "@call-ledger/db-operator/inspect";
import type { Git } from "./git.ts";

/** A person's answer; `null`: there was nobody to ask. `by` says who answered. */
export type Answer = { readonly yes: boolean | null; readonly by: string };

/** What a deployment begins with. */
export type PreflightInputs = {
  readonly env: Environment;
  readonly program: string;
  readonly inspection: Inspection;
  /** As the application logs in, where that is another login than the owner's. */
  readonly application: Inspection | null;
  /** Megabytes. */
  readonly limitMb: number;
  readonly git: Git;
  /** The top folder of the working tree. */
  readonly root: string;
  /** Folder of the migrations that are to be applied. */
  readonly migrations: string;
  readonly backups: string;
  /** Throws DbError. */
  database(): Promise<LedgerPresence>;
  /** Milliseconds. */
  readonly oldestBackupMs: number;
  now(): number;
  confirm(question: string): Promise<Answer>;
};
