import { randomBytes } from "node:crypto";
import { createAppLogin } from "@call-ledger/db/migrate";
import { until } from "@call-ledger/testkit/process";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";
import { startApi } from "../harness/running-api.ts";

const login = `call_ledger_test_limited_${randomBytes(4).toString("hex")}`;
let ledger: TestLedger;
let url: string;

beforeAll(async () => {
  ledger = await testLedger();
  url = await createAppLogin(ledger.database.ownerUrl, { name: login, password: "limited" });
});

afterAll(async () => {
  const superuser = postgres(ledger.database.superuserUrl, { max: 1 });
  await superuser.unsafe(`drop owned by ${login}; drop role ${login}`);
  await superuser.end();
  await ledger.drop();
});

test("the server logs that its health check works only after it does", async () => {
  // Three connections suffice for the first contact, its write probe and the deliveries, and leave none for `/health`.
  await ledger.sql.unsafe(`alter role ${login} connection limit 3`);
  const api = await startApi(url);
  const isSaid = (words: string) => api.lines.some((line) => line.includes(words));
  try {
    const isRefused = (line: string) => /"route":"\/health","status":503/.test(line);
    await until(() => api.lines.filter(isRefused).length >= 2, "it has asked itself twice");
    expect(isSaid("Database connected")).toBe(true);
    expect(isSaid("Health check endpoint verified")).toBe(false);
    expect(isSaid("Database connectivity confirmed")).toBe(false);
    await ledger.sql.unsafe(`alter role ${login} connection limit -1`);
    await until(() => isSaid("Health check endpoint verified"), "it is verified");
    await until(() => isSaid("Database connectivity confirmed"), "it is confirmed");
  } finally {
    await api.stop();
  }
});
