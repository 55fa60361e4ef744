import type { Scope } from "@call-ledger/domain";
import type { z } from "zod";
import type { ProblemCode } from "./values.contract.ts";

/**
 * The callers that a route allows. `anyone`: no credential is needed. `signed_in`: any valid credential.
 * `organization`: a key or member of an organization with the scope, or the operator, who names the organization in the
 * query parameter `organization`. `operator`: only the operator.
 */
export type Access =
  | { readonly who: "anyone" | "signed_in" | "operator" }
  | { readonly who: "organization"; readonly scope: Scope };

type Shape = z.ZodObject;

/** One route of `/api/v1`, without its handler. The server, openapi.json, clients and the attacking tests read it. */
export type Route = {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** The path below `/api/v1`, with parameters in braces. */
  readonly path: `/${string}`;
  /** A sentence without the full stop. */
  readonly summary: string;
  readonly tag: string;
  readonly access: Access;
  readonly query?: Shape;
  readonly body?: z.ZodType;
  readonly status: 200 | 201 | 202 | 204 | 302;
  /** `null`: an answer without a body. */
  readonly response: z.ZodType | null;
  /** The media type of the answer, if it is not JSON. */
  readonly mediaType?: "text/csv" | "text/event-stream";
  /** The id of the route that answers instead, if the client's `Accept` prefers the media type of that route. */
  readonly alternative?: string;
  /**
   * Why requests to this route take turns with those of other organizations. `large`: the service reads all parts of a
   * call, or stored deliveries, which can have megabytes. `long`: the answer takes as long as the client wants.
   */
  readonly takesTurns?: "large" | "long";
  /** The problems of this route, beside those of status 400, 401, 403, 405, 429, 500 and 503 that every route has. */
  readonly problems?: readonly ProblemCode[];
  /** A body or a query that the route accepts. */
  readonly example?: { readonly query?: Readonly<Record<string, string>>; readonly body?: unknown };
};

/** Path parameters that are any text; `call` may be the provider's id. All other parameters are our ids: UUIDs. */
export const TEXT_PARAMETERS: ReadonlySet<string> = new Set(["call", "event", "token"]);

export type Routes = Readonly<Record<string, Route>>;

/** The names of a path's parameters. */
export type PathParameters<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParameters<Rest>
  : never;

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** The parsed parts of a request, which the handler gets. */
export type RouteInput<R extends Route> = {
  readonly params: Readonly<Record<PathParameters<R["path"]>, string>>;
  readonly query: Parsed<R["query"]>;
  readonly body: Parsed<R["body"]>;
};

/** The body of a successful answer, as the handler returns it. `null` if the answer has no body. */
export type RouteOutput<R extends Route> = R["response"] extends z.ZodType ? z.input<R["response"]> : null;
