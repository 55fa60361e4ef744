import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { accountContacts } from "../schema/access.table.ts";
import { quarantinedDeliveries } from "../schema/deliveries.table.ts";
import { providerAccounts } from "../schema/organizations.table.ts";
import type { Change } from "./administration.ts";

/** The count of waiting deliveries stops at this number. */
const MAX_COUNTED = 10_000;

/**
 * Returns the things that need the operator: deliveries that wait, and accounts whose last delivery came one to eight
 * days ago.
 */
export async function readOperatorAttention(db: Change) {
  const waiting = db
    .select({ id: quarantinedDeliveries.id })
    .from(quarantinedDeliveries)
    .where(isNull(quarantinedDeliveries.replayedAt))
    .limit(MAX_COUNTED)
    .as("waiting");
  const [counted] = await db.select({ quarantined: sql<number>`count(*)::integer` }).from(waiting);
  const silentAccounts = await db
    .select({
      id: providerAccounts.id,
      name: providerAccounts.name,
      provider: providerAccounts.provider,
      lastDeliveryAt: sql<string>`${accountContacts.lastVerifiedAt}`.mapWith(accountContacts.lastVerifiedAt),
    })
    .from(accountContacts)
    .innerJoin(providerAccounts, eq(providerAccounts.id, accountContacts.providerAccountId))
    .where(
      and(
        sql`${accountContacts.lastVerifiedAt} < now() - interval '1 day'`,
        sql`${accountContacts.lastVerifiedAt} > now() - interval '8 days'`,
      ),
    )
    .orderBy(asc(accountContacts.lastVerifiedAt));
  return { quarantined: counted?.quarantined ?? 0, silentAccounts };
}
