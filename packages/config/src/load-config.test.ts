import { expect, test } from "vitest";
import type { Config } from "./environment.schema.ts";
import type { Environment } from "./load-config.ts";
import { loadConfig } from "./load-config.ts";

function config(env: Environment): Config {
  const result = loadConfig(env);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

function problems(env: Environment): string[] {
  const result = loadConfig(env);
  return result.ok ? [] : result.problems.map(({ variable, problem }) => `${variable} ${problem}`);
}

test("an empty environment is valid outside of production", () => {
  expect(config({})).toMatchObject({
    NODE_ENV: "development",
    PORT: 3001,
    BODY_LIMIT_MB: 5,
    DATABASE_URL: null,
    DATABASE_LIMIT_MB: 500,
    VAPI_WEBHOOK_SECRET: [],
    VAPI_WEBHOOK_AUTH: "any",
    VAPI_API_URL: "https://api.vapi.ai",
    ENCRYPTION_KEY: null,
    WORKER: "inline",
    STORAGE_DRIVER: "local",
    RECORDING_CHANNELS: ["mono"],
  });
});

test("an empty variable counts as not set, and an unknown variable is ignored", () => {
  const env = { PORT: "", DATABASE_URL: " ", VAPI_WEBHOOK_SECRET: "", PATH: "/usr/bin" };
  expect(config(env)).toEqual(config({}));
});

test("two secrets are read during a rotation", () => {
  expect(config({ VAPI_WEBHOOK_SECRET: "old-secret, new-secret" }).VAPI_WEBHOOK_SECRET).toEqual([
    "old-secret",
    "new-secret",
  ]);
});

const LONG = "0123456789abcdef";

test("production needs a database and a secret", () => {
  const must = "must be set when NODE_ENV is production";
  expect(problems({ NODE_ENV: "production", DATABASE_URL: "", VAPI_WEBHOOK_SECRET: "  " })).toEqual([
    `DATABASE_URL ${must}`,
    `VAPI_WEBHOOK_SECRET ${must}`,
  ]);
  const env = { NODE_ENV: "production", DATABASE_URL: "postgres://db/ledger", VAPI_WEBHOOK_SECRET: LONG };
  expect(problems(env)).toEqual([]);
});

test("production refuses test hosts", () => {
  const env = { DATABASE_URL: "postgres://db/ledger", VAPI_WEBHOOK_SECRET: LONG };
  const hosts = { ...env, RECORDING_TEST_HOSTS: "localhost:8443" };
  expect(problems({ ...hosts, NODE_ENV: "production" })).toEqual([
    "RECORDING_TEST_HOSTS must not be set when NODE_ENV is production",
  ]);
  expect(problems({ ...hosts, NODE_ENV: "test" })).toEqual([]);
  expect(problems({ ...env, NODE_ENV: "production" })).toEqual([]);
});

test.each([["s"], ["x,0123456789abcdef"], ["0123456789abcdef,0123456789abcde"]])(
  "production refuses a webhook secret that can be guessed: %s",
  (VAPI_WEBHOOK_SECRET) => {
    const env = { NODE_ENV: "production", DATABASE_URL: "postgres://db/ledger", VAPI_WEBHOOK_SECRET };
    const problem =
      "VAPI_WEBHOOK_SECRET must have at least 16 characters in each secret when NODE_ENV is production; " +
      "a comma separates two secrets, so none may contain one";
    expect(problems(env)).toEqual([problem]);
    expect(problems({ ...env, NODE_ENV: "development" })).toEqual([]);
    expect(problems({ ...env, VAPI_WEBHOOK_SECRET: `${LONG},${LONG}` })).toEqual([]);
  },
);

test("all problems are reported together, without values", () => {
  const told = problems({
    NODE_ENV: "production",
    PORT: "http-marker",
    DATABASE_URL: "mysql://marker@host/db",
    VAPI_WEBHOOK_AUTH: "marker",
    ENCRYPTION_KEY: "marker",
  });
  expect(told.map((problem) => problem.split(" ")[0])).toEqual([
    "PORT",
    "DATABASE_URL",
    "VAPI_WEBHOOK_AUTH",
    "ENCRYPTION_KEY",
    "VAPI_WEBHOOK_SECRET",
  ]);
  expect(told.join()).not.toContain("marker");
});

const HEX_KEY = "0123456789abcdef".repeat(4);

test.each<[string, string[], string[]]>([
  ["NODE_ENV", ["development", "test"], ["prod"]],
  ["PORT", ["0", "65535"], ["-1", "65536", "3e3", "80.5"]],
  ["BODY_LIMIT_MB", ["1", "100"], ["0", "101"]],
  ["LOG_LEVEL", ["debug", "silent"], ["loud"]],
  [
    "DATABASE_URL",
    ["postgres://u:p@h:1/d?sslmode=require", "postgresql://h/d"],
    ["h/d", "postgres://", "https://h"],
  ],
  ["DIRECT_DATABASE_URL", ["postgres://h/d"], ["postgres//h/d"]],
  ["DATABASE_LIMIT_MB", ["10", "8000"], ["9", "0", "lots"]],
  ["VAPI_WEBHOOK_SECRET", ["s", "a,b"], ["a,b,c", ","]],
  ["VAPI_WEBHOOK_AUTH", ["any", "hmac", "secret", "bearer"], ["none"]],
  ["PUBLIC_URL", ["https://calls.example.test", "https://a.test/base"], ["calls.example.test"]],
  ["WEBHOOK_TOLERANCE_SECONDS", ["60", "31536000"], ["59", "34560001"]],
  ["VAPI_API_URL", ["http://127.0.0.1:9/x"], ["api.vapi.ai"]],
  ["ENCRYPTION_KEY", [HEX_KEY, Buffer.from(HEX_KEY, "hex").toString("base64")], ["short", `${HEX_KEY}0`]],
  ["WORKER", ["inline", "off"], ["on"]],
  ["PAYLOAD_RETENTION_DAYS", ["1", "400"], ["0", "401"]],
  ["EVENT_RETENTION_DAYS", ["30", "36500"], ["29", "36501"]],
  ["OVERDUE_CONNECTION_MINUTES", ["1", "43200"], ["0", "43201"]],
  ["OVERDUE_END_MINUTES", ["1"], ["0.5"]],
  ["OVERDUE_REPORT_MINUTES", ["15"], ["-1"]],
  ["STORAGE_DRIVER", ["local"], ["s3", "ftp"]],
  ["S3_ENDPOINT", ["https://s3.example.test"], ["s3.example.test"]],
  [
    "RECORDING_HOSTS",
    ["a.example.test", "a.example.test, b", "*.example.test", ","],
    [
      "https://a.example.test",
      "a_b",
      "*",
      "*.test",
      "*.*.example.test",
      "a.*.test",
      "*example.test",
      "a.test:443",
    ],
  ],
  ["RECORDING_CHANNELS", ["mono,stereo", "customer,assistant"], ["left"]],
  ["RECORDING_MIN_KB_PER_SECOND", ["0", "16"], ["-1", "fast"]],
  ["RENDER_DEPLOY_HOOK_URL", ["https://api.render.com/deploy/x?key=y"], ["x"]],
  [
    "RENDER_GIT_COMMIT",
    ["1234567", "0123456789abcdef0123456789abcdef01234567"],
    ["main", "123456", "12345678Z"],
  ],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", ["http://localhost:4318"], ["localhost:4318"]],
])("%s takes %j and refuses %j", (name, good, bad) => {
  for (const value of good) expect(problems({ [name]: value }), value).toEqual([]);
  for (const value of bad) expect(problems({ [name]: value }).join(), value).not.toBe("");
});

test("the s3 driver names the variables that are missing", () => {
  const told = problems({ STORAGE_DRIVER: "s3", S3_BUCKET: "recordings" });
  expect(told.map((problem) => problem.split(" ")[0])).toEqual([
    "S3_ENDPOINT",
    "S3_ACCESS_KEY_ID",
    "S3_SECRET_ACCESS_KEY",
  ]);
});
