import type { Owner } from "../owner.ts";

export type Organization = { readonly id: string; readonly name: string; readonly createdAt: Date };

/** Adds an organization. Throws DbError. */
export function createOrganization(owner: Owner, { name }: { readonly name: string }): Promise<Organization> {
  return owner.run(async (sql) => {
    const [row] = await sql<Organization[]>`
      insert into organizations (name) values (${name}) returning id, name, created_at as "createdAt"`;
    if (row === undefined) throw new Error("insert into organizations returned no row");
    return row;
  });
}

/** All organizations, the oldest first. Throws DbError. */
export function listOrganizations(owner: Owner): Promise<Organization[]> {
  return owner.run(
    (sql) => sql<Organization[]>`
      select id, name, created_at as "createdAt" from organizations order by created_at, id`,
  );
}
