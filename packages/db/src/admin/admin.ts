import type postgres from "postgres";
import { ownerConnection } from "../client/owner-connection.ts";
import { toDbError } from "../client/pg-error.ts";
import type { Agent, AgentToAdd } from "./agents.ts";
import { addAgent, listAgents } from "./agents.ts";
import type { LedgerConstraint, Refusals } from "./constraints.ts";
import { dropConstraint, findConstraint, listRefusals } from "./constraints.ts";
import type { Organization } from "./organizations.ts";
import { createOrganization, listOrganizations } from "./organizations.ts";
import type { QuarantinedDelivery, QuarantinedPayload } from "./quarantine.ts";
import { listQuarantine, markReplayed, readQuarantined, replayStored } from "./quarantine.ts";
import type { RecordingJob, RecordingStatus } from "./recordings.ts";
import { listRecordings, retryRecordings } from "./recordings.ts";

/** The operator's hand on the ledger: across organizations, as the owner. Every method throws DbError. */
export type Admin = {
  createOrganization(organization: { readonly name: string }): Promise<Organization>;
  listOrganizations(): Promise<Organization[]>;
  /** Throws DbError with the constraint's name: `agents_org_id_fkey`, `agents_one_live_provider_agent`, …. */
  addAgent(agent: AgentToAdd): Promise<Agent>;
  listAgents(orgId?: string): Promise<Agent[]>;
  /** Newest first; those that wait, or all. */
  listQuarantine(options: { readonly all: boolean; readonly limit: number }): Promise<QuarantinedDelivery[]>;
  readQuarantined(id: string): Promise<QuarantinedPayload | null>;
  /** Books the translated events that a quarantined delivery is stored with; `null`: it has none, or is not there. */
  replayStored(id: string): Promise<{ readonly outcome: string; readonly reason: string | null } | null>;
  markReplayed(id: string): Promise<void>;
  /** Newest first. */
  listRecordings(options: {
    readonly status?: RecordingStatus | undefined;
    readonly limit: number;
  }): Promise<RecordingJob[]>;
  /** Makes uploads that were given up due at once; `null`: all of them. Returns the ids of those that were. */
  retryRecordings(ids: readonly string[] | null): Promise<string[]>;
  /** A constraint of our tables by its name. */
  findConstraint(name: string): Promise<LedgerConstraint | null>;
  dropConstraint(constraint: LedgerConstraint): Promise<void>;
  listRefusals(): Promise<Refusals[]>;
  close(): Promise<void>;
};

export function openAdmin(ownerUrl: string): Admin {
  const sql = ownerConnection(ownerUrl, "call-ledger ops");
  const mapped =
    <A extends unknown[], T>(work: (sql: postgres.Sql, ...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      try {
        return await work(sql, ...args);
      } catch (error) {
        throw toDbError(error);
      }
    };
  return {
    createOrganization: mapped(createOrganization),
    listOrganizations: mapped(listOrganizations),
    addAgent: mapped(addAgent),
    listAgents: mapped(listAgents),
    listQuarantine: mapped(listQuarantine),
    readQuarantined: mapped(readQuarantined),
    replayStored: mapped(replayStored),
    markReplayed: mapped(markReplayed),
    listRecordings: mapped(listRecordings),
    retryRecordings: mapped(retryRecordings),
    findConstraint: mapped(findConstraint),
    dropConstraint: mapped(dropConstraint),
    listRefusals: mapped(listRefusals),
    close: () => sql.end({ timeout: 1 }),
  };
}
