import { sql } from "drizzle-orm";
import { boolean, check, customType, pgTable, primaryKey, uuid } from "drizzle-orm/pg-core";
import { instant } from "./organizations.table.ts";

const xid8 = customType<{ data: string }>({ dataType: () => "xid8" });

/**
 * The calls that a transaction has changed, for about an hour. Streams read them. The table is unlogged: a crash of
 * Postgres empties it together with `call_change_epochs`, and streams then begin anew.
 */
export const callChanges = pgTable(
  "call_changes",
  {
    changedXid: xid8("changed_xid").notNull().default(sql`pg_current_xact_id()`),
    orgId: uuid("org_id").notNull(),
    callId: uuid("call_id").notNull(),
    changedAt: instant("changed_at").notNull().defaultNow(),
  },
  // Without a foreign key, which would cost a look-up for each booking. Only streams read the rows.
  (t) => [primaryKey({ name: "call_changes_pkey", columns: [t.changedXid, t.orgId, t.callId] })],
);

/** The id of the current life of `call_changes`. Places of another life are not valid. One row at most. */
export const callChangeEpochs = pgTable(
  "call_change_epochs",
  {
    oneRow: boolean("one_row").primaryKey().default(true),
    epoch: uuid("epoch").notNull().defaultRandom(),
  },
  (t) => [check("call_change_epochs_one_row", sql`${t.oneRow}`)],
);
