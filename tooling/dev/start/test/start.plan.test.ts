import { describe, expect, test } from "vitest";
import { planStart, StartRefusal } from "../start.plan.ts";

const DATABASE_URL = "postgres://app@db.example/ledger";

describe("outside production", () => {
  test("without DATABASE_URL it runs on a Postgres of its own, on port 3001", () => {
    expect(planStart({})).toEqual({ kind: "embedded", port: 3001 });
  });

  test("an empty variable counts as unset", () => {
    expect(planStart({ DATABASE_URL: "", PORT: "", VAPI_WEBHOOK_SECRET: "", NODE_ENV: "" })).toEqual({
      kind: "embedded",
      port: 3001,
    });
  });

  test("with DATABASE_URL it migrates that database", () => {
    expect(planStart({ DATABASE_URL, PORT: "8080" })).toEqual({
      kind: "given-database",
      port: 8080,
      ownerUrl: DATABASE_URL,
    });
  });

  test("migrates through DIRECT_DATABASE_URL if it is set", () => {
    const ownerUrl = "postgres://owner@db.example/ledger";
    expect(planStart({ DATABASE_URL, DIRECT_DATABASE_URL: ownerUrl })).toMatchObject({ ownerUrl });
  });

  test("DIRECT_DATABASE_URL alone does not choose a database", () => {
    expect(planStart({ DIRECT_DATABASE_URL: DATABASE_URL }).kind).toBe("embedded");
  });

  test("a secret that is set is kept", () => {
    expect(planStart({ VAPI_WEBHOOK_SECRET: "s" })).toMatchObject({ kind: "embedded", secret: "s" });
  });
});

describe("in production", () => {
  const complete = { NODE_ENV: "production", DATABASE_URL, VAPI_WEBHOOK_SECRET: "s" };

  test("runs only the api", () => {
    expect(planStart(complete)).toEqual({ kind: "production", port: 3001 });
  });

  test.each(["DATABASE_URL", "VAPI_WEBHOOK_SECRET"])("refuses without %s, by name", (name) => {
    expect(() => planStart({ ...complete, [name]: undefined })).toThrow(name);
    expect(() => planStart({ ...complete, [name]: "" })).toThrow(StartRefusal);
  });
});

test.each(["0", "65536", "80a", "-1", "3001.5"])("PORT=%s is refused", (PORT) => {
  expect(() => planStart({ PORT })).toThrow("PORT must be a number from 1 to 65535.");
});
