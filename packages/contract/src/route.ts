import type { Scope } from "@call-ledger/domain";
import type { z } from "zod";
import type { ProblemCode } from "./values.contract.ts";

/**
 * Who may ask. `anyone`: without a credential. `signed_in`: with any. `organization`: an organization's key or member
 * with the scope, or the operator, who names one by the query parameter `organization`. `operator`: nobody else.
 */
export type Access =
  | { readonly who: "anyone" | "signed_in" | "operator" }
  | { readonly who: "organization"; readonly scope: Scope };

type Shape = z.ZodObject;

/** One route of `/api/v1`, without what it does. Everything that mounts, describes, attacks or calls it reads this. */
export type Route = {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Below `/api/v1`; parameters stand in braces. */
  readonly path: `/${string}`;
  /** A sentence without its full stop. */
  readonly summary: string;
  readonly tag: string;
  readonly access: Access;
  readonly query?: Shape;
  readonly body?: z.ZodType;
  readonly status: 200 | 201 | 202 | 204 | 302;
  /** `null`: an answer without a body. */
  readonly response: z.ZodType | null;
  /** Other than JSON. */
  readonly mediaType?: "text/csv" | "text/event-stream";
  /** The id of the route that answers instead, if the client's `Accept` prefers the media type of that route. */
  readonly alternative?: string;
  /** Beside 400, 401, 403, 405, 429, 500 and 503, which every route may answer. */
  readonly problems?: readonly ProblemCode[];
  /** A body or a query that the route accepts. */
  readonly example?: { readonly query?: Readonly<Record<string, string>>; readonly body?: unknown };
};

/** Parameters of paths that are text: a call has the provider's id too. All others are our ids, which are UUIDs. */
export const TEXT_PARAMETERS: ReadonlySet<string> = new Set(["call", "event", "token"]);

export type Routes = Readonly<Record<string, Route>>;

/** The names of a path's parameters. */
export type PathParameters<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParameters<Rest>
  : never;

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** What a handler is given of a request. */
export type RouteInput<R extends Route> = {
  readonly params: Readonly<Record<PathParameters<R["path"]>, string>>;
  readonly query: Parsed<R["query"]>;
  readonly body: Parsed<R["body"]>;
};

/** What a route answers when it succeeds; a program that sends reads `z.input` of the same schema. */
export type RouteOutput<R extends Route> = R["response"] extends z.ZodType ? z.input<R["response"]> : null;
