import type { Json } from "@call-ledger/domain";
import { z } from "zod";
import type { Route, Routes } from "./route.ts";
import { TEXT_PARAMETERS } from "./route.ts";
import { documentSchema, problemSchema } from "./values.contract.ts";

type Document = { [name: string]: Json };

const INTRODUCTION = `A program can read everything that the console shows.

- **Credentials.** Send an API key as \`Authorization: Bearer clk_…\`. Fields that its scopes do not cover are absent from answers.
- **Values.** Times are RFC 3339 in UTC, money is a decimal string in dollars, durations are whole seconds.
- **Lists** have \`data\` and \`next_cursor\`. Send the cursor as \`cursor\` to get the next page; it is \`null\` on the last.
- **Errors** are problem documents (RFC 9457). Branch on \`code\`; \`detail\` says what to do.
- **Repetition.** A POST with an \`Idempotency-Key\` is executed once in 24 hours. A repetition gets the first answer.
- **Limits.** The \`RateLimit\` headers say how many requests the credential has left in this minute. Each process of the service counts its own.`;

/** Describes a table of routes below `/api/v1` as OpenAPI 3.1. */
export function openApiOf(routes: Routes): Document {
  const schemas: Document = {};
  const paths: Record<string, Document> = {};
  for (const [id, route] of Object.entries(routes)) {
    const { alternative } = route;
    const answering = [route, ...(alternative === undefined ? [] : [routes[alternative] ?? route])];
    const responses = responsesOf(answering, schemas);
    const operation = { ...operationOf(id, route, schemas), responses };
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation };
  }
  const problem = schemaOf(problemSchema, "output", schemas);
  return {
    openapi: "3.1.0",
    info: { title: "Call ledger", version: "1", description: INTRODUCTION },
    servers: [{ url: "/api/v1" }],
    paths,
    components: {
      schemas,
      responses: {
        Problem: {
          description: "A problem document; its code names the problem",
          content: { "application/problem+json": { schema: problem } },
        },
      },
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "An API key, clk_…" },
        session: { type: "apiKey", in: "cookie", name: "__Host-call_ledger_session" },
      },
    },
  };
}

function operationOf(id: string, route: Route, schemas: Document): Document {
  const { summary, tag, access, body, example } = route;
  const content = body && {
    "application/json": {
      schema: schemaOf(body, "input", schemas),
      ...(example?.body === undefined ? {} : { example: example.body as Json }),
    },
  };
  return {
    operationId: id,
    summary,
    tags: [tag],
    ...(access.who === "organization" ? { description: `Needs the scope \`${access.scope}\`.` } : {}),
    ...(access.who === "operator" ? { description: "For the operator of the service." } : {}),
    security: access.who === "anyone" ? [] : [{ key: [] }, { session: [] }],
    parameters: [...pathParameters(route), ...queryParameters(route, schemas)],
    ...(content === undefined ? {} : { requestBody: { content } }),
  };
}

function pathParameters({ path }: Route): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", ...(TEXT_PARAMETERS.has(name) ? {} : { format: "uuid" }) },
  }));
}

function queryParameters({ query, example, access }: Route, schemas: Document): Json[] {
  const named = Object.entries<z.ZodType>(query?.shape ?? {}).map(([name, schema]) => {
    const given = example?.query?.[name];
    const { description = null, ...described } = schemaOf(schema, "input", schemas);
    return {
      name,
      in: "query",
      required: !schema.safeParse(undefined).success,
      ...(description === null ? {} : { description }),
      schema: described,
      ...(given === undefined ? {} : { example: given }),
    };
  });
  if (access.who !== "organization") return named;
  const description = "The organization whose data the operator reads or changes.";
  const schema = { type: "string", format: "uuid" };
  return [...named, { name: "organization", in: "query", required: false, description, schema }];
}

/** The responses of one path and method: one content for the media type of each route in `answering`. */
function responsesOf(answering: readonly Route[], schemas: Document): Document {
  const [{ status, summary } = { status: 200, summary: "" }] = answering;
  const content: Document = {};
  for (const { response, mediaType = "application/json" } of answering)
    if (response !== null) content[mediaType] = { schema: schemaOf(response, "output", schemas) };
  const problem = { $ref: "#/components/responses/Problem" };
  return {
    [status]: { description: summary, ...(Object.keys(content).length === 0 ? {} : { content }) },
    "4XX": problem,
    "5XX": problem,
  };
}

/** Returns a schema as JSON Schema. Schemas with an id become components, and references name them. */
function schemaOf(schema: z.ZodType, io: "input" | "output", schemas: Document): Document {
  const {
    $schema: _,
    $defs = {},
    ...described
  } = z.toJSONSchema(schema, {
    io,
    override({ zodSchema, jsonSchema }) {
      if (!Object.is(zodSchema, documentSchema)) return;
      for (const name of Object.keys(jsonSchema)) delete jsonSchema[name];
      jsonSchema.description = "Any JSON";
    },
  });
  for (const [name, definition] of Object.entries($defs)) {
    // A definition without an id is the inside of a document, which is not described.
    if (!name.startsWith("__")) schemas[name] = inComponents(definition);
  }
  return inComponents(described);
}

function inComponents(definition: object): Document {
  const text = JSON.stringify({ ...definition, id: undefined });
  return JSON.parse(text.replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/'));
}
