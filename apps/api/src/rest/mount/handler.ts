import type { Route, RouteInput, RouteOutput } from "@call-ledger/contract/route";
import type { OperationId, ROUTES } from "@call-ledger/contract/routes";
import type { Response } from "express";
import type { Caller, OrganizationCaller } from "./caller.ts";

type CallerOf<R extends Route> = R["access"]["who"] extends "anyone"
  ? null
  : R["access"]["who"] extends "organization"
    ? OrganizationCaller
    : Caller;

/** A request that may be answered: its caller has the right, and its input is what the contract says. */
type HandlerRequest<R extends Route = Route> = RouteInput<R> & {
  readonly caller: CallerOf<R>;
  /** The sender's address, or its /64 network. */
  readonly address: string;
  readonly userAgent: string | null;
  /** Where the service is reached, such as `https://calls.example.com`. */
  readonly origin: string;
  /** The request came over https. */
  readonly isSecure: boolean;
  /** Adds a header to the answer. */
  setHeader(name: string, value: string): void;
};

/**
 * What a route does. A route of JSON returns its body; one of another media type writes it to the response by itself.
 * Throws ApiProblem.
 */
type Handler<R extends Route> = R extends { readonly mediaType: string }
  ? (request: HandlerRequest<R>, res: Response) => Promise<void>
  : (request: HandlerRequest<R>) => Promise<RouteOutput<R>>;

/** A handler whose route has been forgotten: the mounting gives it what that route's types say. */
export type AnyHandler = (request: never, res: Response) => Promise<unknown>;

/** One handler for each route of the contract. */
export type Handlers = { readonly [Id in OperationId]: Handler<(typeof ROUTES)[Id]> };
