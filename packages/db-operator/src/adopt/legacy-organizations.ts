import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import { boundedIdentifier } from "@call-ledger/domain";
import type postgres from "postgres";
import type { KnownOwners, OldAgent } from "./attribution.ts";
import type { OldLine } from "./old-lines.ts";
import { numberOf } from "./old-lines.ts";
import type { OldRow } from "./old-row.ts";
import { identifierOf, instantOf, isDeleted, textOf, truthOf, uuidOf, wordOf } from "./old-row.ts";
import type { Tally } from "./tally.ts";

type Organization = { readonly id: string; readonly name: string; readonly created_at: string | null };
type Agent = {
  readonly id: string;
  readonly org_id: string;
  readonly provider_agent_id: string;
  readonly provider_phone_number_id: string | null;
  /** The number in E.164 form. */
  readonly phone_number: string | null;
  readonly name: string | null;
  readonly created_at: string | null;
  /** `true`: the agent is not live. It keeps its calls, but deliveries are not booked by it. */
  readonly retired: boolean;
};

type FoundAgent = { readonly agent: Agent; readonly row: OldRow };

/** The organizations and agents of the old tables, to be created with the same ids. */
export type LegacyOrganizations = {
  readonly owners: KnownOwners;
  readonly organizations: readonly Organization[];
  readonly agents: readonly Agent[];
  /** Assistants that agents of several organizations claim. Their calls wait until an operator decides. */
  readonly contested: readonly string[];
  /** Numbers, or the provider's ids of numbers, that live agents of several organizations claim. No agent gets them. */
  readonly contestedNumbers: readonly string[];
};

export type LegacyRows = {
  readonly organizations: readonly OldRow[];
  readonly agents: readonly OldRow[];
  readonly lines: readonly OldLine[];
};

/**
 * Reads the old organizations and agents. `known` are the ledger's own. Counts each row; those in the ledger are
 * duplicates.
 */
export function legacyOrganizations(
  rows: LegacyRows,
  known: { readonly organizations: ReadonlySet<string>; readonly agents: ReadonlySet<string> },
  tally: Tally,
): LegacyOrganizations {
  const organizations = new Map<string, Organization>();
  for (const row of rows.organizations) {
    const id = uuidOf({ ...row, fields: { id: row.id } }, "id");
    if (id === null) tally.leave(row, null, "unreadable");
    else
      tally.count(row.table, known.organizations.has(id) || organizations.has(id) ? "duplicates" : "moved");
    if (isDeleted(row)) tally.countDeleted("organizations");
    if (id !== null) organizations.set(id, { id, name: textOf(row, "name") ?? id, created_at: madeAt(row) });
  }
  const all = new Set([...known.organizations, ...organizations.keys()]);
  const agents = new Map<string, FoundAgent>();
  for (const row of rows.agents) {
    const id = uuidOf({ ...row, fields: { id: row.id } }, "id");
    const orgId = uuidOf(row, "org_id") ?? uuidOf(row, "organization_id");
    if (id === null) tally.leave(row, null, "unreadable");
    else if (orgId === null || !all.has(orgId)) tally.leave(row, null, "no_organization");
    else {
      tally.count(row.table, known.agents.has(id) || agents.has(id) ? "duplicates" : "moved");
      if (isDeleted(row)) tally.countDeleted("agents");
      agents.set(id, { agent: agentIn(row, id, orgId, rows.lines), row });
    }
  }
  const { live, contested } = liveAgents([...agents.values()]);
  return {
    owners: {
      organizations: all,
      agents: new Map([...agents.values()].map(({ agent, row }) => [agent.id, oldAgent(agent, row)])),
    },
    organizations: [...organizations.values()],
    ...withOwnNumbers([...agents.values()], live),
    contested,
  };
}

function oldAgent({ id, org_id: orgId }: Agent, row: OldRow): OldAgent {
  return { id, orgId, role: wordOf(row, "role") };
}

function agentIn(row: OldRow, id: string, orgId: string, lines: readonly OldLine[]): Agent {
  const assistant = identifierOf(row, "vapi_assistant_id");
  const line = lines.find((one) => one.org_id === orgId && one.vapi_assistant_id?.trim() === assistant);
  return {
    id,
    org_id: orgId,
    provider_agent_id: assistant ?? `adopted:${id}`,
    provider_phone_number_id:
      identifierOf(row, "vapi_phone_number_id") ?? boundedIdentifier(line?.vapi_phone_number_id),
    phone_number: numberOf(line?.twilio_phone_number),
    name: textOf(row, "name"),
    created_at: madeAt(row),
    retired: false,
  };
}

/**
 * Gives each number to one live agent: the first that answers calls, else the first. A number of two organizations
 * belongs to no agent; an agent that is not live has no number.
 */
function withOwnNumbers(
  found: readonly FoundAgent[],
  live: ReadonlySet<string>,
): Pick<LegacyOrganizations, "agents" | "contestedNumbers"> {
  const contestedNumbers: string[] = [];
  const claimants = found.filter(({ agent }) => live.has(agent.id));
  const ownerOf = (column: "provider_phone_number_id" | "phone_number") =>
    new Map(
      [...Map.groupBy(claimants, ({ agent }) => agent[column])].map(([number, claims]) => {
        const isOne = new Set(claims.map(({ agent }) => agent.org_id)).size === 1;
        if (!isOne && number !== null) contestedNumbers.push(number);
        const first = claims.find(({ row }) => wordOf(row, "role") === "inbound") ?? claims[0];
        return [number, isOne ? first?.agent.id : undefined] as const;
      }),
    );
  const [byId, byNumber] = [ownerOf("provider_phone_number_id"), ownerOf("phone_number")];
  const agents = found.map(({ agent }) => ({
    ...agent,
    provider_phone_number_id:
      byId.get(agent.provider_phone_number_id) === agent.id ? agent.provider_phone_number_id : null,
    phone_number: byNumber.get(agent.phone_number) === agent.id ? agent.phone_number : null,
    retired: !live.has(agent.id),
  }));
  return { agents, contestedNumbers };
}

function madeAt(row: OldRow): string | null {
  const at = instantOf(row, "created_at");
  return at === null ? null : new Date(at).toISOString();
}

/**
 * One live agent for each assistant: the active one, else the oldest; none if two organizations claim it. An agent that
 * the application has deleted claims nothing.
 */
function liveAgents(found: readonly FoundAgent[]) {
  const live = new Set<string>();
  const contested: string[] = [];
  const claims = Map.groupBy(
    found.filter(({ agent, row }) => agent.provider_agent_id !== `adopted:${agent.id}` && !isDeleted(row)),
    ({ agent }) => agent.provider_agent_id,
  );
  for (const [assistant, claimants] of claims) {
    const isActive = ({ row }: (typeof claimants)[number]) =>
      (truthOf(row, "active") ?? truthOf(row, "is_active")) !== false;
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

/**
 * Creates missing organizations and agents, and fills in the missing numbers of live agents. An assistant or a number
 * that already has a live agent in the ledger stays with it.
 */
export async function createOrganizations(sql: postgres.Sql, old: LegacyOrganizations): Promise<void> {
  await sql`
    insert into organizations (id, name, created_at)
    select o.id, o.name, coalesce(o.created_at, now())
    from jsonb_to_recordset(${JSON.stringify(old.organizations)}::text::jsonb) as o (id uuid, name text, created_at timestamptz)
    on conflict do nothing`;
  const isFree = (column: string) => `case when not exists (
    select from agents a where a.provider_account_id = $1::uuid and a.${column} = n.${column} and a.deleted_at is null)
    then n.${column} end`;
  await sql.unsafe(
    `insert into agents (
      org_id, id, provider_account_id, provider_agent_id, provider_phone_number_id, phone_number, name, created_at, deleted_at)
    select n.org_id, n.id, $1::uuid, n.provider_agent_id, ${isFree("provider_phone_number_id")}, ${isFree("phone_number")},
      n.name, coalesce(n.created_at, now()),
      case when n.retired or (${isFree("provider_agent_id")}) is null then now() end
    from jsonb_to_recordset($2::text::jsonb) as n (
      org_id uuid, id uuid, provider_agent_id text, provider_phone_number_id text, phone_number text, name text,
      created_at timestamptz, retired boolean)
    on conflict (org_id, id) do update set
      provider_phone_number_id = coalesce(agents.provider_phone_number_id, excluded.provider_phone_number_id),
      phone_number = coalesce(agents.phone_number, excluded.phone_number)
    where agents.deleted_at is null and (agents.provider_phone_number_id is null and excluded.provider_phone_number_id is not null
      or agents.phone_number is null and excluded.phone_number is not null)`,
    [PLATFORM_ACCOUNTS.vapi ?? "", JSON.stringify(old.agents)],
  );
}

/** Returns the ids of the ledger's own organizations and agents. */
export async function knownOrganizations(sql: postgres.Sql) {
  const organizations = await sql<{ id: string }[]>`select id from organizations`;
  const agents = await sql<{ id: string }[]>`select id from agents`;
  return {
    organizations: new Set(organizations.map(({ id }) => id)),
    agents: new Set(agents.map(({ id }) => id)),
  };
}
