import { expect, test } from "vitest";
import { z } from "zod";
import type { Route } from "./route.ts";
import { ROUTES } from "./routes.ts";

const routes: [string, Route][] = Object.entries(ROUTES);

test("no two routes share a method and a path", () => {
  const places = routes.map(([, { method, path }]) => `${method} ${path.replaceAll(/\{\w+\}/g, "{}")}`);
  expect(new Set(places).size).toBe(places.length);
});

test.each(routes)("%s can be described as JSON Schema", (_id, { query, body, response }) => {
  for (const schema of [query, body]) if (schema) z.toJSONSchema(schema, { io: "input" });
  if (response) expect(z.toJSONSchema(response)).toHaveProperty("$schema");
});

test.each(routes)("%s accepts its own example", (_id, { query, body, example }) => {
  if (body) expect(body.safeParse(example?.body).error).toBeUndefined();
  if (query) {
    expect(Object.keys(example?.query ?? {})).not.toEqual([]);
    expect(query.safeParse(example?.query).error).toBeUndefined();
  }
});

test.each(routes.filter(([, { alternative }]) => alternative !== undefined))(
  "%s and its alternative route differ only in the media type",
  (_id, { alternative, method, access, query, status, mediaType }) => {
    const other = new Map(routes).get(alternative ?? "");
    expect(other).toMatchObject({ method, access, status });
    expect(other?.mediaType).not.toBe(mediaType);
    expect(Object.keys(query?.shape ?? {})).toEqual(
      expect.arrayContaining(Object.keys(other?.query?.shape ?? {})),
    );
  },
);

test.each(routes)("%s reads if its method is GET, and otherwise changes", (_id, { method, access, body }) => {
  const writes = access.who === "organization" && access.scope.endsWith(":write");
  if (method === "GET") expect(body).toBeUndefined();
  if (access.who === "organization" && method !== "GET") expect(writes).toBe(true);
});

/** Names of fields that only an answer with parts of a call or with a stored delivery has. */
const LARGE_FIELDS = /"(?:analysis|conversation|payload|has_payload)":/;

test.each(routes)("%s takes turns if it reads a whole call, stored deliveries or a file", (_id, route) => {
  const { response, path, mediaType, takesTurns } = route;
  const answer = response === null ? "" : JSON.stringify(z.toJSONSchema(response));
  const isLarge = LARGE_FIELDS.test(answer) || path.endsWith("/replay");
  const expected = mediaType === "text/csv" ? "long" : isLarge ? "large" : undefined;
  expect(takesTurns).toBe(expected);
});
