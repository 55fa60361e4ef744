import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import type postgres from "postgres";
import type { OldRow } from "./old-row.ts";
import { instantOf, textOf, truthOf, uuidOf, wordOf } from "./old-row.ts";
import type { Tally } from "./tally.ts";
import type { KnownOwners, OldAgent } from "./whose-rows.ts";

type Organization = { readonly id: string; readonly name: string; readonly created_at: string | null };
type Agent = {
  readonly id: string;
  readonly org_id: string;
  readonly provider_agent_id: string;
  readonly name: string | null;
  readonly created_at: string | null;
  /** Not live: it keeps its calls, and no delivery is booked by it. */
  readonly retired: boolean;
};

/** The organizations and agents of the old tables, ready to be created under their own ids. */
export type LegacyOrganizations = {
  readonly owners: KnownOwners;
  readonly organizations: readonly Organization[];
  readonly agents: readonly Agent[];
  /** Assistants that agents of several organizations claim: nobody gets their calls until an operator decides. */
  readonly contested: readonly string[];
};

const LONGEST_ID = 200;

/** Reads what exists; `known` are the ledger's own. Counts each row: those that the ledger has are duplicates. */
export function legacyOrganizations(
  rows: { readonly organizations: readonly OldRow[]; readonly agents: readonly OldRow[] },
  known: { readonly organizations: ReadonlySet<string>; readonly agents: ReadonlySet<string> },
  tally: Tally,
): LegacyOrganizations {
  const organizations = new Map<string, Organization>();
  for (const row of rows.organizations) {
    const id = uuidOf({ ...row, fields: { id: row.id } }, "id");
    if (id === null) tally.leave(row, null, "unreadable");
    else
      tally.count(row.table, known.organizations.has(id) || organizations.has(id) ? "duplicates" : "moved");
    if (id !== null) organizations.set(id, { id, name: textOf(row, "name") ?? id, created_at: madeAt(row) });
  }
  const all = new Set([...known.organizations, ...organizations.keys()]);
  const agents = new Map<string, { readonly agent: Agent; readonly row: OldRow }>();
  for (const row of rows.agents) {
    const id = uuidOf({ ...row, fields: { id: row.id } }, "id");
    const orgId = uuidOf(row, "org_id");
    if (id === null) tally.leave(row, null, "unreadable");
    else if (orgId === null || !all.has(orgId)) tally.leave(row, null, "no_organization");
    else {
      tally.count(row.table, known.agents.has(id) || agents.has(id) ? "duplicates" : "moved");
      agents.set(id, { agent: agentIn(row, id, orgId), row });
    }
  }
  const { live, contested } = liveAgents([...agents.values()]);
  return {
    owners: {
      organizations: all,
      agents: new Map([...agents.values()].map(({ agent, row }) => [agent.id, oldAgent(agent, row)])),
    },
    organizations: [...organizations.values()],
    agents: [...agents.values()].map(({ agent }) => ({ ...agent, retired: !live.has(agent.id) })),
    contested,
  };
}

function oldAgent({ id, org_id: orgId }: Agent, row: OldRow): OldAgent {
  return { id, orgId, role: wordOf(row, "role") };
}

function agentIn(row: OldRow, id: string, orgId: string): Agent {
  const assistant = textOf(row, "vapi_assistant_id");
  const provider_agent_id = assistant === null || assistant.length > LONGEST_ID ? `adopted:${id}` : assistant;
  const name = textOf(row, "name");
  return { id, org_id: orgId, provider_agent_id, name, created_at: madeAt(row), retired: false };
}

function madeAt(row: OldRow): string | null {
  const at = instantOf(row, "created_at");
  return at === null ? null : new Date(at).toISOString();
}

/** One live agent an assistant: the active one, then the oldest; none where two organizations claim it. */
function liveAgents(found: readonly { readonly agent: Agent; readonly row: OldRow }[]) {
  const live = new Set<string>();
  const contested: string[] = [];
  const claims = Map.groupBy(
    found.filter(({ agent }) => agent.provider_agent_id !== `adopted:${agent.id}`),
    ({ agent }) => agent.provider_agent_id,
  );
  for (const [assistant, claimants] of claims) {
    const isActive = ({ row }: (typeof claimants)[number]) => truthOf(row, "active") !== false;
    const [first] = claimants.toSorted(
      (a, b) =>
        Number(isActive(b)) - Number(isActive(a)) ||
        (a.agent.created_at ?? "9").localeCompare(b.agent.created_at ?? "9") ||
        a.agent.id.localeCompare(b.agent.id),
    );
    if (new Set(claimants.map(({ agent }) => agent.org_id)).size > 1) contested.push(assistant);
    else if (first !== undefined) live.add(first.agent.id);
  }
  return { live, contested };
}

/** Creates what is not there yet. An assistant that a live agent of the ledger has already is left to that one. */
export async function createOrganizations(sql: postgres.Sql, old: LegacyOrganizations): Promise<void> {
  await sql`
    insert into organizations (id, name, created_at)
    select o.id, o.name, coalesce(o.created_at, now())
    from jsonb_to_recordset(${JSON.stringify(old.organizations)}::text::jsonb) as o (id uuid, name text, created_at timestamptz)
    on conflict do nothing`;
  await sql`
    insert into agents (org_id, id, provider_account_id, provider_agent_id, name, created_at, deleted_at)
    select n.org_id, n.id, ${PLATFORM_ACCOUNTS.vapi ?? ""}, n.provider_agent_id, n.name, coalesce(n.created_at, now()),
      case when n.retired or exists (
        select from agents a where a.provider_account_id = ${PLATFORM_ACCOUNTS.vapi ?? ""}
          and a.provider_agent_id = n.provider_agent_id and a.deleted_at is null) then now() end
    from jsonb_to_recordset(${JSON.stringify(old.agents)}::text::jsonb) as n (
      org_id uuid, id uuid, provider_agent_id text, name text, created_at timestamptz, retired boolean)
    on conflict (org_id, id) do nothing`;
}

/** The ids of the ledger's own organizations and agents. */
export async function knownOrganizations(sql: postgres.Sql) {
  const organizations = await sql<{ id: string }[]>`select id from organizations`;
  const agents = await sql<{ id: string }[]>`select id from agents`;
  return {
    organizations: new Set(organizations.map(({ id }) => id)),
    agents: new Set(agents.map(({ id }) => id)),
  };
}
