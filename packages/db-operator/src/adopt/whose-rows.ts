import type { OldRow } from "./old-row.ts";
import { uuidOf } from "./old-row.ts";

/** Why a row stays behind. */
export type Reason =
  /** Nothing says whose it is: no organization that exists, no agent of one, no other row of the call. */
  | "no_organization"
  /** It speaks of a call that is booked for another organization, or nobody can say for which of two. */
  | "organization_conflict"
  /** It has no usable id, or a value that is nested too deep. */
  | "unreadable"
  /** The database would not take what it says. */
  | "refused";

export type OldAgent = {
  readonly id: string;
  readonly orgId: string;
  readonly role: string | null;
};

/** The organizations that exist, in the old tables or in the ledger, and the old agents that belong to one of them. */
export type KnownOwners = {
  readonly organizations: ReadonlySet<string>;
  readonly agents: ReadonlyMap<string, OldAgent>;
};

export type Attribution = {
  /** `null`: the call cannot be booked. */
  readonly orgId: string | null;
  /** Of the call's organization. */
  readonly agent: OldAgent | null;
  /** The rows that may be booked for it. */
  readonly rows: readonly OldRow[];
  readonly left: readonly { readonly row: OldRow; readonly reason: Reason }[];
};

/**
 * Whose a call's rows are. One call belongs to one organization, in this order: the one that the ledger has booked it
 * for; the one that its rows name; where they name several, the one of them that the rows' agents belong to; where
 * they name none, the one that the rows' agents belong to. Between two organizations nothing is guessed: the whole call
 * stays behind. A row that names, itself or by its agent, another organization than the call's stays behind alone.
 */
export function whoseRows(
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

/** `null` for an organization that does not exist, too. */
function orgNamedBy(row: OldRow, { organizations }: KnownOwners): string | null {
  const orgId = uuidOf(row, "org_id");
  return orgId !== null && organizations.has(orgId) ? orgId : null;
}

function agentOf(row: OldRow, { agents }: KnownOwners): OldAgent | null {
  return agents.get(uuidOf(row, "agent_id") ?? "") ?? null;
}
