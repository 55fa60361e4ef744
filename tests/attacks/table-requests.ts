import type { Route } from "@call-ledger/contract/route";
import type { OperationId } from "@call-ledger/contract/routes";
import { ROUTES } from "@call-ledger/contract/routes";

/** The contract's table. */
export const TABLE = Object.entries(ROUTES) as readonly (readonly [OperationId, Route])[];

export type TableRequest = {
  readonly method: string;
  /** The path below `/api/v1`, with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body as it is sent; `undefined`: none. */
  readonly body?: string | undefined;
};

export type TableAnswer = {
  readonly status: number;
  readonly headers: Headers;
  /** Empty for a stream, which is closed immediately. */
  readonly text: string;
  /** The code of a problem document; `null` if the answer is none. */
  readonly code: string | null;
};

/** Returns the names of a path's parameters. */
export function parametersOf({ path }: Pick<Route, "path">): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
}

/**
 * Returns a request that the route accepts, from the values of its parameters and its example. Throws if a parameter
 * has no value.
 */
export function requestOf(
  id: string,
  { method, path, example }: Route,
  values: Readonly<Record<string, string>>,
  body: unknown = example?.body,
): TableRequest {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value !== undefined) return encodeURIComponent(value);
    throw new Error(
      `${id}: the attack has no value for {${name}}. Add the id of such an object to idsOf in tests/attacks/attacked-organization.ts.`,
    );
  });
  const query = new URLSearchParams(example?.query).toString();
  return {
    method,
    path: query === "" ? filled : `${filled}?${query}`,
    body: body === undefined ? undefined : JSON.stringify(body),
  };
}

/** Returns the same request with one more query parameter. */
export function withQuery(request: TableRequest, name: string, value: string): TableRequest {
  return { ...request, path: `${request.path}${request.path.includes("?") ? "&" : "?"}${name}=${value}` };
}

/** Sends the request and reads the whole answer, except that of a stream. */
export async function askTable(
  api: { readonly url: string },
  credential: Readonly<Record<string, string>>,
  { method, path, headers, body }: TableRequest,
): Promise<TableAnswer> {
  const response = await fetch(`${api.url}/api/v1${path}`, {
    method,
    redirect: "manual",
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...credential,
      ...headers,
    },
    // The client has no body to send with these.
    ...(body === undefined || method === "GET" || method === "HEAD" ? {} : { body }),
  });
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream")) await response.body?.cancel();
  const text = type.startsWith("text/event-stream") ? "" : await response.text();
  const isProblem = type.startsWith("application/problem+json") && text !== "";
  return {
    status: response.status,
    headers: response.headers,
    text,
    code: isProblem ? String(JSON.parse(text).code) : null,
  };
}

/** Returns the routes that this service serves. Routes of development are not among them. */
export async function servedRoutes(api: { readonly url: string }): Promise<typeof TABLE> {
  const nobodys = "00000000-0000-4000-8000-000000000000";
  const served = await Promise.all(
    TABLE.map(async ([id, route]) => {
      const values = Object.fromEntries(parametersOf(route).map((name) => [name, nobodys]));
      const { status, text } = await askTable(api, {}, requestOf(id, route, values));
      return status !== 405 && !text.includes("There is no such path.");
    }),
  );
  return TABLE.filter((_, place) => served[place]);
}
