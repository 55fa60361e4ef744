import { asc, eq } from "drizzle-orm";
import { organizations } from "../schema/organizations.table.ts";
import type { Change } from "./administration.ts";

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

/** Adds an organization. Throws DbError: 22023 for a time zone that Postgres does not know. */
export async function addOrganization(
  db: Change,
  organization: { readonly name: string; readonly timeZone: string },
): Promise<Organization> {
  const [added] = await db.insert(organizations).values(organization).returning();
  if (added === undefined) throw new Error("insert into organizations returned no row");
  return added;
}

/** Changes an organization. Throws DbError: 22023 for a time zone that Postgres does not know. */
export async function changeOrganization(
  db: Change,
  id: string,
  change: { readonly name?: string | undefined; readonly timeZone?: string | undefined },
): Promise<void> {
  if (change.name === undefined && change.timeZone === undefined) return;
  await db.update(organizations).set(change).where(eq(organizations.id, id));
}
