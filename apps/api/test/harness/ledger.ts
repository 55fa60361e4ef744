import { addAgent, addOrganization, OPERATOR } from "@call-ledger/db/access";
import type { TestDatabase } from "@call-ledger/db/testing";
import { PLATFORM_ACCOUNT, testDatabase } from "@call-ledger/db/testing";
import { asOperator } from "@call-ledger/db-operator/admin";
import postgres from "postgres";
import { ASSISTANT, OUR_NUMBER, OUR_NUMBER_ID } from "./deliveries.ts";

/** A migrated database with one organization, and a connection for the test's own queries. */
export type TestLedger = {
  readonly database: TestDatabase;
  readonly orgId: string;
  /** A connection as the owner, who is not a superuser. */
  readonly sql: postgres.Sql;
  /** Registers the assistant and the number that the fixtures name. */
  addAgent(): Promise<void>;
  drop(): Promise<void>;
};

export async function testLedger(clusterUrl?: string): Promise<TestLedger> {
  const database = await testDatabase(...(clusterUrl === undefined ? [] : [clusterUrl]));
  const sql = postgres(database.ownerUrl, { max: 2, onnotice: () => undefined });
  const { id: orgId } = await asOperator(database.ownerUrl, (db) =>
    addOrganization(db, OPERATOR, { name: "Northgate Plumbing" }),
  );
  return {
    database,
    orgId,
    sql,
    async addAgent() {
      const agent = {
        accountId: PLATFORM_ACCOUNT,
        providerAgentId: ASSISTANT,
        phoneNumber: OUR_NUMBER,
        providerPhoneNumberId: OUR_NUMBER_ID,
      };
      await asOperator(database.ownerUrl, (db) => addAgent(db, { orgId, actor: OPERATOR }, agent));
    },
    async drop() {
      await sql.end({ timeout: 1 });
      await database.drop();
    },
  };
}
