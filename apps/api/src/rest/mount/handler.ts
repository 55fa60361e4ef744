import type { Route, RouteInput, RouteOutput } from "@call-ledger/contract/route";
import type { OperationId, ROUTES } from "@call-ledger/contract/routes";
import type { Response } from "express";
import type { Caller, OrganizationCaller } from "./caller.ts";
import type { JsonText } from "./json-text.ts";

type CallerOf<R extends Route> = R["access"]["who"] extends "anyone"
  ? null
  : R["access"]["who"] extends "organization"
    ? OrganizationCaller
    : Caller;

/** A request that may be answered: its caller has the right, and its input matches the contract. */
type HandlerRequest<R extends Route = Route> = RouteInput<R> & {
  readonly caller: CallerOf<R>;
  /** The sender's address, or its /64 network. */
  readonly address: string;
  readonly userAgent: string | null;
  /** Scheme and host at which clients reach the service, such as `https://calls.example.com`. */
  readonly origin: string;
  /** The request came over https. */
  readonly isSecure: boolean;
  /** Adds a header to the answer. */
  setHeader(name: string, value: string): void;
};

/**
 * Answers the requests of a route. The handler of a JSON route returns the body, or its text; the handler of another
 * media type writes the response itself. Throws ApiProblem.
 */
type Handler<R extends Route> = R extends { readonly mediaType: string }
  ? (request: HandlerRequest<R>, res: Response) => Promise<void>
  : (request: HandlerRequest<R>) => Promise<RouteOutput<R> | JsonText>;

/**
 * A handler of any route, without that route's types. `mountRoutes` gives it the request that its route's types
 * describe.
 */
export type AnyHandler = (request: never, res: Response) => Promise<unknown>;

/** One handler for each route of the contract. */
export type Handlers = { readonly [Id in OperationId]: Handler<(typeof ROUTES)[Id]> };
