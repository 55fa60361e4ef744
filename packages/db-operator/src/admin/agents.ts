import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import type postgres from "postgres";
import type { Owner } from "../owner.ts";

export type Agent = {
  readonly id: string;
  readonly orgId: string;
  readonly provider: string;
  readonly providerAccountId: string;
  readonly providerAgentId: string;
  readonly phoneNumber: string | null;
  readonly providerPhoneNumberId: string | null;
  readonly name: string | null;
  readonly createdAt: Date;
};

export type AgentToAdd = {
  readonly orgId: string;
  /** Without `accountId`, the agent is at the platform's account of this provider. */
  readonly provider: string;
  /** The organization's own account to which the agent belongs. */
  readonly accountId?: string | undefined;
  /** The provider's id of the assistant. */
  readonly providerAgentId: string;
  /** A telephone number in E.164 form. */
  readonly phone?: string | undefined;
  readonly phoneNumberId?: string | undefined;
  readonly name?: string | undefined;
};

/**
 * Registers an agent under the platform's account, which only the operator may do, or under its organization's account.
 * Throws DbError with the constraint's name: `agents_org_id_fkey`, `agents_one_live_provider_agent`, ….
 */
export function addAgent(owner: Owner, agent: AgentToAdd): Promise<Agent> {
  return owner.run(async (sql) => {
    const [row] = await sql<{ id: string }[]>`
      insert into agents (org_id, provider_account_id, provider_agent_id, phone_number, provider_phone_number_id, name)
      values (${agent.orgId}, ${agent.accountId ?? PLATFORM_ACCOUNTS[agent.provider] ?? null}, ${agent.providerAgentId}, ${agent.phone ?? null},
        ${agent.phoneNumberId ?? null}, ${agent.name ?? null})
      returning id`;
    const [added] = await select(sql, sql`a.id = ${row?.id ?? null}`);
    if (added === undefined) throw new Error("the inserted agent cannot be read");
    return added;
  });
}

/**
 * Removes a live agent; `null`: there is none. Its row stays, so that deliveries that wait for its assistant or number
 * are not booked for the next owner without a person. Throws DbError.
 */
export function removeAgent(owner: Owner, id: string): Promise<Agent | null> {
  return owner.run(async (sql) => {
    const removed = await sql`update agents set deleted_at = now(), updated_at = now()
      where id = ${id} and deleted_at is null returning id`;
    if (removed.length === 0) return null;
    const [agent] = await select(sql, sql`a.id = ${id}`);
    return agent ?? null;
  });
}

/**
 * Gives the assistant and the number of a live agent to another organization: removes the agent and registers one like
 * it there, in one transaction. Booked calls stay with their organization. `null`: there is no such agent. Throws
 * DbError.
 */
export function moveAgent(owner: Owner, id: string, orgId: string): Promise<Agent | null> {
  return owner.run(async (sql) => {
    const [row] = await sql<{ id: string }[]>`
        with removed as (
          update agents set deleted_at = now(), updated_at = now() where id = ${id} and deleted_at is null returning id)
        select id from removed`;
    if (row === undefined) return null;
    const [added] = await sql<{ id: string }[]>`
        insert into agents (org_id, provider_account_id, provider_agent_id, phone_number, provider_phone_number_id, name)
        select ${orgId}, provider_account_id, provider_agent_id, phone_number, provider_phone_number_id, name
        from agents where id = ${id}
        returning id`;
    const [agent] = await select(sql, sql`a.id = ${added?.id ?? null}`);
    return agent ?? null;
  });
}

/** Returns the live agents of one organization or of all. Throws DbError. */
export function listAgents(owner: Owner, orgId?: string): Promise<Agent[]> {
  return owner.run((sql) =>
    select(
      sql,
      orgId === undefined ? sql`a.deleted_at is null` : sql`a.deleted_at is null and a.org_id = ${orgId}`,
    ),
  );
}

function select(sql: postgres.ISql, condition: postgres.PendingQuery<postgres.Row[]>) {
  return sql<Agent[]>`
    select a.id, a.org_id as "orgId", p.provider, p.id as "providerAccountId",
      a.provider_agent_id as "providerAgentId", a.phone_number as "phoneNumber",
      a.provider_phone_number_id as "providerPhoneNumberId", a.name, a.created_at as "createdAt"
    from agents a join provider_accounts p on p.id = a.provider_account_id
    where ${condition} order by a.created_at, a.id`;
}
