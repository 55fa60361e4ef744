import type postgres from "postgres";

export type Organization = { readonly id: string; readonly name: string; readonly createdAt: Date };

export async function createOrganization(
  sql: postgres.Sql,
  { name }: { readonly name: string },
): Promise<Organization> {
  const [row] = await sql<Organization[]>`
    insert into organizations (name) values (${name}) returning id, name, created_at as "createdAt"`;
  if (row === undefined) throw new Error("insert into organizations returned no row");
  return row;
}

export async function listOrganizations(sql: postgres.Sql): Promise<Organization[]> {
  return sql<
    Organization[]
  >`select id, name, created_at as "createdAt" from organizations order by created_at, id`;
}
