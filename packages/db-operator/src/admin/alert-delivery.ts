import type { Owner } from "../owner.ts";

/** Returns the state of a message; `null`: it was deleted. Throws DbError. */
export async function readAlertDelivery(
  owner: Owner,
  id: string,
): Promise<{ readonly status: string; readonly reason: string | null } | null> {
  const [row] = await owner.run(
    (sql) => sql<{ status: string; reason: string | null }[]>`
    select status, last_error as reason from alert_deliveries where id = ${id}`,
  );
  return row ?? null;
}
