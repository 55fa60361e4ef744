import { ownerConnection, throwingDbErrors } from "@call-ledger/db/client";
import type postgres from "postgres";
import type { Agent, AgentToAdd } from "./agents.ts";
import { addAgent, listAgents } from "./agents.ts";
import type { ApiKeyToStore, StoredApiKey } from "./api-keys.ts";
import { listApiKeys, revokeApiKeys, storeApiKey } from "./api-keys.ts";
import type { LedgerConstraint, Refusals } from "./constraints.ts";
import { dropConstraint, findConstraint, listRefusals } from "./constraints.ts";
import type { HousekeepingRun } from "./housekeeping.ts";
import { listHousekeeping } from "./housekeeping.ts";
import type { Organization } from "./organizations.ts";
import { createOrganization, listOrganizations } from "./organizations.ts";
import type { AccountChange, ProviderAccount, ProviderAccountToAdd } from "./provider-accounts.ts";
import {
  addProviderAccount,
  beginSecretRotation,
  finishSecretRotation,
  listProviderAccounts,
  replaceAccountApiKey,
} from "./provider-accounts.ts";
import type { QuarantinedDelivery, QuarantinedPayload } from "./quarantine.ts";
import { listQuarantine, markReplayed, readQuarantined, replayStored } from "./quarantine.ts";
import type { RecordingJob, RecordingStatus, StoredRecording } from "./recordings.ts";
import { listRecordings, listStoredRecordings, retryRecordings } from "./recordings.ts";

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
  /** By id, after `after`, at most `most`; `ids` null: all that are stored. */
  listStoredRecordings(options: {
    readonly ids: readonly string[] | null;
    readonly after: string;
    readonly most: number;
  }): Promise<StoredRecording[]>;
  /** Returns its id. Throws DbError with the constraint's name: `api_keys_org_id_fkey`. */
  storeApiKey(key: ApiKeyToStore): Promise<string>;
  listApiKeys(options: {
    readonly orgId?: string | undefined;
    readonly all: boolean;
  }): Promise<StoredApiKey[]>;
  /** Returns the ids of those that are there. */
  revokeApiKeys(ids: readonly string[]): Promise<string[]>;
  /** Throws DbError with the constraint's name: `provider_accounts_org_id_fkey`. */
  addProviderAccount(account: ProviderAccountToAdd): Promise<void>;
  listProviderAccounts(orgId?: string): Promise<ProviderAccount[]>;
  beginSecretRotation(rotation: {
    readonly id: string;
    readonly webhookSecret: Uint8Array;
  }): Promise<AccountChange>;
  finishSecretRotation(id: string): Promise<AccountChange>;
  replaceAccountApiKey(change: { readonly id: string; readonly apiKey: Uint8Array }): Promise<AccountChange>;
  /** The jobs that have ever been claimed. */
  listHousekeeping(): Promise<HousekeepingRun[]>;
  close(): Promise<void>;
};

export function openAdmin(ownerUrl: string): Admin {
  const sql = ownerConnection(ownerUrl, "call-ledger ops");
  const mapped = <A extends unknown[], T>(work: (sql: postgres.Sql, ...args: A) => Promise<T>) =>
    throwingDbErrors((...args: A) => work(sql, ...args));
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
    listStoredRecordings: mapped(listStoredRecordings),
    storeApiKey: mapped(storeApiKey),
    listApiKeys: mapped(listApiKeys),
    revokeApiKeys: mapped(revokeApiKeys),
    addProviderAccount: mapped(addProviderAccount),
    listProviderAccounts: mapped(listProviderAccounts),
    beginSecretRotation: mapped(beginSecretRotation),
    finishSecretRotation: mapped(finishSecretRotation),
    replaceAccountApiKey: mapped(replaceAccountApiKey),
    listHousekeeping: mapped(listHousekeeping),
    close: () => sql.end({ timeout: 1 }),
  };
}
