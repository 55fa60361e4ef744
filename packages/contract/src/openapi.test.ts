import { expect, test } from "vitest";
import { openApiOf } from "./openapi.ts";
import type { Route } from "./route.ts";
import { ROUTES } from "./routes.ts";

const text = JSON.stringify(openApiOf(ROUTES), null, 2);
const described = JSON.parse(text);
const routes: [string, Route][] = Object.entries(ROUTES);

test("openapi.json describes the table of routes; vitest run packages/contract -u writes it", async () => {
  await expect(`${text}\n`).toMatchFileSnapshot("../openapi.json");
});

test.each(routes)("%s is described", (id, route) => {
  const operation = described.paths[route.path][route.method.toLowerCase()];
  expect(operation).toMatchObject({ operationId: id, summary: route.summary });
  const names = operation.parameters.map(({ name }: { name: string }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const [, name] of route.path.matchAll(/\{(\w+)\}/g)) expect(names).toContain(name);
  for (const name of Object.keys(route.query?.shape ?? {})) expect(names).toContain(name);
  for (const parameter of operation.parameters.filter(({ in: place }: { in: string }) => place === "query"))
    expect(parameter).toMatchObject({ description: expect.stringMatching(/\.$/) });
  expect(operation.requestBody !== undefined).toBe(route.body !== undefined);
  expect(operation.responses[route.status].content !== undefined).toBe(route.response !== null);
});

test("every reference names a component, and no component is empty", () => {
  const { schemas } = described.components;
  const names = [...text.matchAll(/"\$ref": "([^"]*)"/g)].map(([, reference]) => reference);
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const [, , kind = "", component = ""] = name?.split("/") ?? [];
    expect(described.components[kind]).toHaveProperty(component);
  }
  for (const schema of Object.values(schemas)) {
    expect(schema).not.toEqual({});
    expect(schema).not.toHaveProperty("$ref");
  }
});
