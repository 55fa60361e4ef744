import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { envExample } from "./env-example.ts";
import { variableNames } from "./environment.schema.ts";
import { loadConfig } from "./load-config.ts";

test("the committed .env.example is the generated one; vitest -u writes it", async () => {
  await expect(envExample()).toMatchFileSnapshot("../../../.env.example");
});

test("every variable has a line, and the shown default is the default", () => {
  const uncommented = parseEnv(envExample().replaceAll(/^# (?=[A-Z0-9_]+=)/gm, ""));
  expect(Object.keys(uncommented)).toEqual(variableNames().sort());
  expect(loadConfig(uncommented)).toEqual(loadConfig({}));
});
