import * as operations from "../operations.contract.ts";
import * as people from "../people.contract.ts";
import type { Routes } from "../route.ts";
import { OPERATOR } from "./shared.ts";

export const QUARANTINE = {
  listQuarantine: {
    method: "GET",
    path: "/quarantine",
    summary: "List deliveries that could not be booked yet",
    tag: "Operator",
    access: OPERATOR,
    query: operations.quarantineListQuery,
    status: 200,
    response: operations.quarantinePageSchema,
  },
  groupQuarantine: {
    method: "GET",
    path: "/quarantine/groups",
    summary: "Count the quarantined deliveries by reason and agent",
    tag: "Operator",
    access: OPERATOR,
    status: 200,
    response: operations.quarantineGroupsSchema,
  },
  getQuarantined: {
    method: "GET",
    path: "/quarantine/{delivery}",
    summary: "Read a quarantined delivery",
    tag: "Operator",
    access: OPERATOR,
    status: 200,
    response: operations.quarantinedDetailSchema,
    problems: ["not_found"],
  },
  registerQuarantinedAgent: {
    method: "POST",
    path: "/quarantine/{delivery}/agent",
    summary: "Register the delivery's agent for an organization, and book the deliveries that wait for it",
    tag: "Operator",
    access: OPERATOR,
    body: operations.registerAgentSchema,
    status: 201,
    response: people.agentSchema,
    problems: ["not_found", "conflict"],
    example: { body: { organization_id: "00000000-0000-4000-8000-000000000000", name: "Reception" } },
  },
  replayQuarantine: {
    method: "POST",
    path: "/quarantine/replay",
    summary: "Read quarantined deliveries again with the current adapter, a limited number in each request",
    tag: "Operator",
    access: OPERATOR,
    body: operations.quarantineReplaySchema,
    status: 200,
    response: operations.replayProgressSchema,
    example: { body: { reason: "unparseable" } },
  },
  dropQuarantined: {
    method: "DELETE",
    path: "/quarantine/{delivery}",
    summary: "Delete a quarantined delivery for good",
    tag: "Operator",
    access: OPERATOR,
    status: 204,
    response: null,
    problems: ["not_found"],
  },
} as const satisfies Routes;
