import { asc, eq, inArray } from "drizzle-orm";
import { callRoutes } from "../schema/calls.table.ts";
import { organizations, providerAccounts } from "../schema/organizations.table.ts";
import type { Change } from "./administration.ts";
import type { Actor } from "./audit.query.ts";
import { noteChange } from "./audit.query.ts";

/** An organization of the installation. */
export type Organization = typeof organizations.$inferSelect;

/** Returns `null` if there is none, or the caller's organization is another one. */
export async function findOrganization(db: Change, id: string): Promise<Organization | null> {
  const [found] = await db.select().from(organizations).where(eq(organizations.id, id));
  return found ?? null;
}

/** Returns all organizations, oldest first. */
export function listOrganizations(db: Change): Promise<Organization[]> {
  return db.select().from(organizations).orderBy(asc(organizations.createdAt), asc(organizations.id));
}

/**
 * Returns the organizations for which calls with a provider's id were booked, oldest first: none or one, or more if
 * accounts share the id.
 */
export async function organizationsOfCall(db: Change, providerCallId: string): Promise<Organization[]> {
  // Routes are found by account and call, and every account is asked.
  const routes = db
    .select({ orgId: callRoutes.orgId })
    .from(providerAccounts)
    .innerJoin(callRoutes, eq(callRoutes.providerAccountId, providerAccounts.id))
    .where(eq(callRoutes.providerCallId, providerCallId));
  return db
    .select()
    .from(organizations)
    .where(inArray(organizations.id, routes))
    .orderBy(asc(organizations.createdAt), asc(organizations.id));
}

/**
 * Adds an organization, by default in UTC, and notes it. Throws DbError: 22023 for a time zone that Postgres does not
 * know.
 */
export async function addOrganization(
  db: Change,
  actor: Actor,
  organization: { readonly name: string; readonly timeZone?: string },
): Promise<Organization> {
  const [added] = await db.insert(organizations).values(organization).returning();
  if (added === undefined) throw new Error("insert into organizations returned no row");
  const { id: orgId } = added;
  await noteChange(db, { orgId, actor }, "organization.created", ["organization", orgId], {
    after: noted(added),
  });
  return added;
}

/** Changes an organization, and notes it. Throws DbError: 22023 for a time zone that Postgres does not know. */
export async function changeOrganization(
  db: Change,
  { orgId, actor }: { readonly orgId: string; readonly actor: Actor },
  change: { readonly name?: string | undefined; readonly timeZone?: string | undefined },
): Promise<void> {
  const before = await findOrganization(db, orgId);
  if (before === null) return;
  const after = { name: change.name ?? before.name, timeZone: change.timeZone ?? before.timeZone };
  await db.update(organizations).set(after).where(eq(organizations.id, orgId));
  await noteChange(db, { orgId, actor }, "organization.changed", ["organization", orgId], {
    before: noted(before),
    after: noted(after),
  });
}

const noted = ({ name, timeZone }: Pick<Organization, "name" | "timeZone">) => ({
  name,
  time_zone: timeZone,
});
