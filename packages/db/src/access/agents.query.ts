import { isUuid } from "@call-ledger/domain";
import { and, asc, eq, isNull, or, sql } from "drizzle-orm";
import { agents, providerAccounts } from "../schema/organizations.table.ts";
import type { Change } from "./administration.ts";
import type { Author } from "./audit.query.ts";
import { noteChange } from "./audit.query.ts";

export type AgentToAdd = {
  readonly accountId: string;
  readonly providerAgentId: string;
  readonly providerPhoneNumberId?: string | null | undefined;
  /** In E.164 form. */
  readonly phoneNumber?: string | null | undefined;
  readonly name?: string | null | undefined;
};

export type AgentChange = {
  readonly name?: string | null | undefined;
  readonly phoneNumber?: string | null | undefined;
  readonly providerPhoneNumberId?: string | null | undefined;
};

/**
 * Returns the agents of an organization or, with `undefined`, of all, live ones first, then oldest first; with `id`
 * only that one. Throws DbError.
 */
export function listAgents(db: Change, orgId: string | undefined, id?: string) {
  return db
    .select({
      id: agents.id,
      orgId: agents.orgId,
      name: agents.name,
      provider: providerAccounts.provider,
      accountId: agents.providerAccountId,
      /** Whether the account is the platform's. Then only the operator may change its agents. */
      isPlatforms: sql<boolean>`${providerAccounts.orgId} is null`,
      providerAgentId: agents.providerAgentId,
      providerPhoneNumberId: agents.providerPhoneNumberId,
      phoneNumber: agents.phoneNumber,
      createdAt: agents.createdAt,
      removedAt: agents.deletedAt,
    })
    .from(agents)
    .innerJoin(providerAccounts, eq(providerAccounts.id, agents.providerAccountId))
    .where(
      and(
        orgId === undefined ? undefined : eq(agents.orgId, orgId),
        id === undefined ? undefined : eq(agents.id, id),
      ),
    )
    .orderBy(sql`${agents.deletedAt} is not null`, asc(agents.createdAt), asc(agents.id));
}

/** An organization's agent: a provider's assistant and our number. */
export type Agent = Awaited<ReturnType<typeof listAgents>>[number];

/**
 * Returns the owner of an account: the organization's id, `null` for the platform, `undefined` for an account that the
 * caller cannot see.
 */
export async function ownerOfAccount(db: Change, accountId: string): Promise<string | null | undefined> {
  const [found] = await db
    .select({ orgId: providerAccounts.orgId })
    .from(providerAccounts)
    .where(eq(providerAccounts.id, accountId));
  return found?.orgId;
}

/** Returns the accounts at which an organization can have agents: its own, and after them the platform's. */
export async function listAgentAccounts(db: Change, orgId: string) {
  const { id, provider, name, createdAt } = providerAccounts;
  return db
    .select({ id, provider, name, isPlatforms: sql<boolean>`${providerAccounts.orgId} is null` })
    .from(providerAccounts)
    .where(or(isNull(providerAccounts.orgId), eq(providerAccounts.orgId, orgId)))
    .orderBy(sql`${providerAccounts.orgId} is null`, asc(createdAt), asc(id));
}

/** Registers an agent, notes it, and returns its id. Throws DbError with the name of the violated constraint. */
export async function addAgent(
  db: Change,
  { orgId, actor }: { readonly orgId: string; readonly actor: Author["actor"] },
  agent: AgentToAdd,
): Promise<string> {
  const { accountId, ...given } = agent;
  const { providerAgentId, ...change } = {
    ...withOneCase(given),
    providerAgentId: inOneCase(given.providerAgentId),
  };
  const [added] = await db
    .insert(agents)
    .values({ orgId, providerAccountId: accountId, providerAgentId, ...change })
    .returning({ id: agents.id });
  if (added === undefined) throw new Error("insert into agents returned no row");
  const after = { account_id: accountId, provider_agent_id: providerAgentId, ...noted(change) };
  await noteChange(db, { orgId, actor }, "agent.added", ["agent", added.id], { after });
  return added.id;
}

/** Changes a live agent, and notes it. Throws DbError with the name of the violated constraint. */
export async function changeAgent(
  db: Change,
  actor: Author["actor"],
  agent: Agent,
  given: AgentChange,
): Promise<void> {
  const { orgId, id } = agent;
  const change = withOneCase(given);
  await db
    .update(agents)
    .set({ ...change, updatedAt: sql`now()` })
    .where(liveAgent(agent));
  const before = noted(agent);
  const after = { ...before, ...noted(change) };
  await noteChange(db, { orgId, actor }, "agent.changed", ["agent", id], { before, after });
}

/**
 * Removes a live agent, and notes it. Its row stays, so that deliveries waiting for its assistant or number are not
 * booked automatically for the next owner.
 */
export async function removeAgent(db: Change, actor: Author["actor"], agent: Agent): Promise<void> {
  const { orgId, id, providerAgentId } = agent;
  await db.update(agents).set({ deletedAt: sql`now()`, updatedAt: sql`now()` }).where(liveAgent(agent));
  const before = { provider_agent_id: providerAgentId, ...noted(agent) };
  await noteChange(db, { orgId, actor }, "agent.removed", ["agent", id], { before });
}

function withOneCase<Ids extends AgentChange>(ids: Ids): Ids {
  const { providerPhoneNumberId: id } = ids;
  return typeof id === "string" ? { ...ids, providerPhoneNumberId: inOneCase(id) } : ids;
}

/** Ids in the form of a UUID are the same in upper and in lower case. Deliveries are read in lower case. */
function inOneCase(id: string): string {
  return isUuid(id) ? id.toLowerCase() : id;
}

/** The fields of an agent in the audit. A field that is left out is not in the entry. */
function noted({ name, phoneNumber, providerPhoneNumberId }: AgentChange) {
  const fields = { name, phone_number: phoneNumber, provider_phone_number_id: providerPhoneNumberId };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function liveAgent({ orgId, id }: Agent) {
  return and(eq(agents.orgId, orgId), eq(agents.id, id), isNull(agents.deletedAt));
}
