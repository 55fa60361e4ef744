import type { OldRow } from "./old-row.ts";
import { uuidOf } from "./old-row.ts";

/** The reason why a row stays behind. */
export type Reason =
  /**
   * The owner is not known: the row names no existing organization and no agent of one, and no other row of the call
   * does.
   */
  | "no_organization"
  /** Its call is booked for another organization, or two organizations are possible. */
  | "organization_conflict"
  /** The row has no usable id, or a value that is nested too deep. */
  | "unreadable"
  /** The database refused its values. */
  | "refused";

export type OldAgent = {
  readonly id: string;
  readonly orgId: string;
  readonly role: string | null;
};

/** The existing organizations, in the old tables or in the ledger, and the old agents that belong to one of them. */
export type KnownOwners = {
  readonly organizations: ReadonlySet<string>;
  readonly agents: ReadonlyMap<string, OldAgent>;
};

export type Attribution = {
  /** `null`: the call cannot be booked. */
  readonly orgId: string | null;
  /** An agent of the call's organization. */
  readonly agent: OldAgent | null;
  /** The rows that may be booked for it. */
  readonly rows: readonly OldRow[];
  readonly left: readonly { readonly row: OldRow; readonly reason: Reason }[];
};

/**
 * Finds the organization of a call's rows. One call belongs to one organization, in this order: the one that the ledger
 * has booked it for; the one that its rows name; if they name several, the one of them that the rows' agents belong to;
 * if they name none, the one that the rows' agents belong to. If two organizations remain, nothing is guessed, and the
 * whole call stays behind. A row that names, itself or by its agent, another organization than the call's stays behind
 * alone.
 */
export function attributeRows(
  rows: readonly OldRow[],
  bookedFor: string | null,
  owners: KnownOwners,
): Attribution {
  const named = new Set(rows.flatMap((row) => orgNamedBy(row, owners) ?? []));
  const byAgent = new Set(rows.flatMap((row) => agentOf(row, owners)?.orgId ?? []));
  const candidates = named.size === 0 ? byAgent : named;
  const agreed = candidates.size > 1 ? shared(candidates, byAgent) : candidates;
  const orgId = bookedFor ?? (agreed.size === 1 ? ([...agreed][0] ?? null) : null);
  if (orgId === null) {
    const reason = candidates.size === 0 ? "no_organization" : "organization_conflict";
    return { orgId, agent: null, rows: [], left: rows.map((row) => ({ row, reason })) };
  }
  const isIts = (row: OldRow) => (evidenceOf(row, owners) ?? orgId) === orgId;
  const its = rows.filter(isIts);
  return {
    orgId,
    agent: its.map((row) => agentOf(row, owners)).find((agent) => agent?.orgId === orgId) ?? null,
    rows: its,
    left: rows.filter((row) => !isIts(row)).map((row) => ({ row, reason: "organization_conflict" as const })),
  };
}

function shared(some: ReadonlySet<string>, others: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...some].filter((one) => others.has(one)));
}

function evidenceOf(row: OldRow, owners: KnownOwners): string | null {
  return orgNamedBy(row, owners) ?? agentOf(row, owners)?.orgId ?? null;
}

/** The organization that a row names; `null`: it names none, or one that does not exist. */
function orgNamedBy(row: OldRow, { organizations }: KnownOwners): string | null {
  const orgId = uuidOf(row, "org_id");
  return orgId !== null && organizations.has(orgId) ? orgId : null;
}

function agentOf(row: OldRow, { agents }: KnownOwners): OldAgent | null {
  return agents.get(uuidOf(row, "agent_id") ?? "") ?? null;
}
