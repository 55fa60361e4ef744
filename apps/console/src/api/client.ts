import type { PathParameters } from "@call-ledger/contract/route";
import type { OperationId, ROUTES } from "@call-ledger/contract/routes";
import type { z } from "zod";
import { chosenOrganization } from "./chosen-organization.ts";
import { problemIn, unreachable } from "./problem.ts";

type AnyRoute = (typeof ROUTES)[OperationId];
type Method = AnyRoute["method"];
/** The paths of the API with a method. */
export type PathWith<M extends Method> = Extract<AnyRoute, { method: M }>["path"];
type RouteAt<M extends Method, P extends string> = Extract<AnyRoute, { method: M; path: P }>;

type Sent<R, Name extends "body" | "query"> =
  R extends Readonly<Record<Name, infer Schema>>
    ? Schema extends z.ZodType
      ? z.input<Schema>
      : never
    : never;
/** The answer of a route. */
export type Answer<M extends Method, P extends string> = RouteAt<M, P>["response"] extends infer Schema
  ? Schema extends z.ZodType
    ? z.output<Schema>
    : undefined
  : never;

/** The values of a query in a URL. A list is joined with commas. */
export type QueryValues = Readonly<
  Record<string, string | number | boolean | readonly string[] | null | undefined>
>;

export type RequestOptions<M extends Method, P extends string> = {
  readonly query?: { readonly [Name in keyof Sent<RouteAt<M, P>, "query">]?: QueryValues[string] };
  readonly signal?: AbortSignal;
} & (PathParameters<P> extends never
  ? { readonly params?: undefined }
  : { readonly params: Readonly<Record<PathParameters<P>, string>> }) &
  (Sent<RouteAt<M, P>, "body"> extends never
    ? { readonly body?: undefined }
    : { readonly body: Sent<RouteAt<M, P>, "body"> });

const BASE = "/api/v1";

/**
 * Sends a request to the API. The types of path, parameters, query, body and answer are those of the contract.
 * Throws ApiProblem if the server refuses or cannot be reached, and AbortError if `signal` ends the request.
 */
export async function request<M extends Method, P extends PathWith<M>>(
  method: M,
  path: P,
  ...[options]: PathParameters<P> extends never
    ? Sent<RouteAt<M, P>, "body"> extends never
      ? [options?: RequestOptions<M, P>]
      : [options: RequestOptions<M, P>]
    : [options: RequestOptions<M, P>]
): Promise<Answer<M, P>> {
  const { params, query, body, signal } = options ?? {};
  const url = apiUrl(path, params ?? {}, query ?? {});
  const response = await fetch(url, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  });
  if (!response.ok) throw await problemIn(response);
  if (response.status === 204) return undefined as Answer<M, P>;
  return response.json();
}

/** The URL of a resource, for links, players and streams. For an operator it names the chosen organization. */
export function apiUrl(path: string, params: Readonly<Record<string, string>>, query: QueryValues): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const search = new URLSearchParams();
  const organization = chosenOrganization();
  for (const [name, value] of Object.entries({ ...query, organization })) {
    const text = Array.isArray(value) ? value.join(",") : String(value ?? "");
    if (text !== "") search.set(name, text);
  }
  const text = search.toString();
  return `${BASE}${filled}${text === "" ? "" : `?${text}`}`;
}
