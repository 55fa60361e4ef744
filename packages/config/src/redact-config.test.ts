import { expect, test } from "vitest";
import { loadConfig } from "./load-config.ts";
import { redactConfig } from "./redact-config.ts";

const SECRET = "marker-0123456789";

test("the printed configuration shows every variable and no secret", () => {
  const result = loadConfig({
    DATABASE_URL: `postgres://app:${SECRET}@db.example.test:6543/ledger?sslmode=require&password=${SECRET}`,
    DIRECT_DATABASE_URL: `postgres://owner:${SECRET}@db.example.test/ledger`,
    VAPI_WEBHOOK_SECRET: `${SECRET},${SECRET}2`,
    VAPI_API_KEY: SECRET,
    VAPI_API_URL: `https://user:${SECRET}@api.example.test/#${SECRET}`,
    S3_ACCESS_KEY_ID: SECRET,
    S3_SECRET_ACCESS_KEY: SECRET,
    METRICS_TOKEN: SECRET,
    RENDER_DEPLOY_HOOK_URL: `https://api.render.com/deploy/srv-1?key=${SECRET}`,
    ENCRYPTION_KEY: Buffer.from(SECRET.padEnd(32, "x")).toString("base64"),
    OTEL_EXPORTER_OTLP_ENDPOINT: `https://collector.example.test/?token=${SECRET}`,
  });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const printed = redactConfig(result.config);
  const text = JSON.stringify(printed);
  expect(text).not.toContain("marker");
  expect(text).not.toContain(Buffer.from("marker").toString("base64").slice(0, 8));
  expect(Object.keys(printed)).toEqual(Object.keys(result.config));
  expect(printed).toMatchObject({
    PORT: 3001,
    DATABASE_URL: "postgres://app:hidden@db.example.test:6543/ledger?sslmode=require&password=hidden",
    VAPI_WEBHOOK_SECRET: "[set]",
    VAPI_API_KEY: "[set]",
    S3_BUCKET: null,
    RECORDING_HOSTS: null,
  });
});
