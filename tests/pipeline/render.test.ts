import { randomBytes } from "node:crypto";
import { loadConfig } from "@call-ledger/config";
import { NODE_VERSION } from "@call-ledger/dev/bootstrap/toolchain.choice";
import { workerProblems } from "@call-ledger/worker/start";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { read, yamlBlocks } from "./project.files.ts";
import type { Blueprint } from "./render.schema.ts";
import { blueprintSchema } from "./render.schema.ts";

const source = read("render.yaml");

type EnvVar = Blueprint["services"][number]["envVars"][number];

/** The values that an operator enters in the dashboard. */
const ANSWERS: Readonly<Record<string, string>> = {
  DATABASE_URL:
    "postgres://call_ledger_app.abcdefghijklmnopqrst:secret@aws-1-eu-central-1.pooler.supabase.com:6543/postgres",
  DIRECT_DATABASE_URL:
    "postgres://postgres.abcdefghijklmnopqrst:secret@aws-1-eu-central-1.pooler.supabase.com:5432/postgres",
  S3_ENDPOINT: "https://abcdefghijklmnopqrst.storage.supabase.co/storage/v1/s3",
  S3_REGION: "eu-central-1",
  S3_ACCESS_KEY_ID: "id",
  S3_SECRET_ACCESS_KEY: "secret",
};

/**
 * Returns a value as Render sets it. A generated value is 256 bits as base64. A reference to another service gives its
 * value.
 */
function renderedValue(entry: EnvVar, others: readonly EnvVar[]): string {
  if ("value" in entry) return entry.value;
  if ("generateValue" in entry) return randomBytes(32).toString("base64");
  if ("sync" in entry) return answerTo(entry.key);
  const source = others.find(({ key }) => key === entry.fromService.envVarKey);
  if (source === undefined) throw new Error(`the other service has no ${entry.fromService.envVarKey}`);
  return renderedValue(source, []);
}

function answerTo(key: string): string {
  const answer = ANSWERS[key];
  if (answer === undefined) throw new Error(`there is no answer for ${key}`);
  return answer;
}

/** Returns the reasons why the processes would refuse this environment. */
function problemsOf(envVars: readonly EnvVar[], others: readonly EnvVar[] = []): unknown[] {
  const env = envVars.map((entry) => [entry.key, renderedValue(entry, others)]);
  const loaded = loadConfig(Object.fromEntries(env));
  return loaded.ok ? workerProblems(loaded.config) : [...loaded.problems];
}

test("render.yaml is one free web service, without fields of paid plans", () => {
  const { services } = blueprintSchema.parse(parse(source));
  expect(services.map(({ type, plan }) => [type, plan])).toEqual([["web", "free"]]);
  expect(services[0]).toMatchObject({ healthCheckPath: "/health/ready", autoDeployTrigger: "off" });
});

test("production accepts its environment, and reads every variable", () => {
  const [service] = blueprintSchema.parse(parse(source)).services;
  const envVars = service?.envVars ?? [];
  const names = [...read(".env.example").matchAll(/^(?:# )?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name);
  expect(envVars.filter(({ key }) => !names.includes(key))).toEqual([]);
  expect(problemsOf(envVars)).toEqual([]);
});

test("the environment is refused if any answer is missing, or with storage on the disk", () => {
  const envVars = blueprintSchema.parse(parse(source)).services[0]?.envVars ?? [];
  for (const missing of ["DATABASE_URL", "S3_ENDPOINT", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"]) {
    expect(problemsOf(envVars.filter(({ key }) => key !== missing))).toHaveLength(1);
  }
  const onDisk = envVars.filter(({ key }) => !/^S(TORAGE|3)_/.test(key));
  expect(problemsOf(onDisk)).toEqual([expect.objectContaining({ variable: "STORAGE_DRIVER" })]);
});

test("it contains no secret", () => {
  const envVars = blueprintSchema.parse(parse(source)).services[0]?.envVars ?? [];
  const written = envVars.filter((entry) => "value" in entry).map(({ key }) => key);
  expect(written.filter((key) => /SECRET|TOKEN|KEY|PASSWORD|_URL$/.test(key))).toEqual([]);
});

test("Render installs the Node version of the tests", () => {
  expect(read(".node-version").trim()).toBe(NODE_VERSION);
});

test("the paid plan in the documentation is valid: it migrates before a deploy and has a worker", () => {
  const [paid = ""] = yamlBlocks("docs/render.md");
  const { services } = blueprintSchema.parse(parse(paid));
  expect(services.map(({ type }) => type)).toEqual(["web", "worker"]);
  expect(services[0]?.preDeployCommand).toBe("node dist/ops/ops.mjs migrate");
  expect(services[1]?.startCommand).toContain("dist/worker/worker.mjs");
  const [web, worker] = services.map(({ envVars }) => envVars);
  expect([problemsOf(web ?? []), problemsOf(worker ?? [], web)]).toEqual([[], []]);
});

describe("a Blueprint that Render would refuse or misread is refused", () => {
  const cases: [string, string, string][] = [
    ["an unknown field", "    healthCheckPath:", "    healthcheckPath: /x\n    healthCheckPath:"],
    [
      "a command before the deploy on the free plan",
      "    buildCommand:",
      "    preDeployCommand: x\n    buildCommand:",
    ],
    ["off, which YAML reads as a boolean", '"off"', "off"],
    ["a worker on the free plan", "type: web", "type: worker"],
    ["a variable with two sources", "value: production", "value: production\n        sync: false"],
    ["a variable that is there twice", "- key: ENCRYPTION_KEY", "- key: NODE_ENV"],
    ["a number where Render wants text", 'value: "500"', "value: 500"],
  ];
  test.each(cases)("%s", (_name, from, to) => {
    const changed = source.replace(from, to);
    expect(changed).not.toBe(source);
    expect(blueprintSchema.safeParse(parse(changed, { version: "1.1" })).success).toBe(false);
  });
});
