import { eq } from "drizzle-orm";
import { organizations } from "../schema/organizations.table.ts";
import type { Change } from "./administration.ts";

/** An organization of the installation. */
export type Organization = typeof organizations.$inferSelect;

/** `null`: there is none, or the organization that asks is another. Throws DbError. */
export async function findOrganization(db: Change, id: string): Promise<Organization | null> {
  const [found] = await db.select().from(organizations).where(eq(organizations.id, id));
  return found ?? null;
}
