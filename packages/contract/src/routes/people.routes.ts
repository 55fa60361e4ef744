import * as people from "../people.contract.ts";
import type { Routes } from "../route.ts";
import { documentSchema } from "../values.contract.ts";
import { ANYONE, listOfAll, SIGNED_IN } from "./shared.ts";

export const PEOPLE = {
  describeApi: {
    method: "GET",
    path: "/openapi.json",
    summary: "Read this description of the API, as OpenAPI 3.1",
    tag: "People",
    access: ANYONE,
    status: 200,
    response: documentSchema,
  },
  signIn: {
    method: "POST",
    path: "/sign-in",
    summary: "Exchange a one-time link for a session, which comes as a cookie",
    tag: "People",
    access: ANYONE,
    body: people.signInSchema,
    status: 200,
    response: people.meSchema,
    problems: ["link_used", "link_expired", "not_found"],
    example: { body: { token: "cll_0000000000000000000000000000000000000000" } },
  },
  signOut: {
    method: "POST",
    path: "/sign-out",
    summary: "End the session",
    tag: "People",
    access: SIGNED_IN,
    status: 204,
    response: null,
  },
  getMe: {
    method: "GET",
    path: "/me",
    summary: "Read the caller's identity, organization and scopes",
    tag: "People",
    access: SIGNED_IN,
    status: 200,
    response: people.meSchema,
  },
  listSessions: {
    method: "GET",
    path: "/sessions",
    summary: "List the caller's own sessions",
    tag: "People",
    access: SIGNED_IN,
    status: 200,
    response: listOfAll(people.sessionSchema),
  },
  revokeSession: {
    method: "DELETE",
    path: "/sessions/{session}",
    summary: "End one of the caller's own sessions",
    tag: "People",
    access: SIGNED_IN,
    status: 204,
    response: null,
    problems: ["not_found"],
  },
} as const satisfies Routes;
