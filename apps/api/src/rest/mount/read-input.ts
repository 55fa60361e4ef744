import type { Route } from "@call-ledger/contract/route";
import { TEXT_PARAMETERS } from "@call-ledger/contract/route";
import { isUuid } from "@call-ledger/domain";
import type { Request } from "express";
import type { z } from "zod";
import type { RequestBodies } from "../../http/request-body.ts";
import type { FieldFault } from "./api-problem.ts";
import { ApiProblem } from "./api-problem.ts";
import { faultWords } from "./fault-words.ts";
import { readJson } from "./read-json.ts";

/**
 * Reads and checks the input of a request by the contract's schemas of its route. `credentialId`: the sender's
 * credential; `null`: there is none. Throws ApiProblem.
 */
export async function readInput(
  route: Route,
  req: Request,
  bodies: Pick<RequestBodies, "of">,
  credentialId: string | null,
): Promise<{ readonly params: Record<string, string>; readonly query: unknown; readonly body: unknown }> {
  const params = paramsOf(req);
  refuseOtherIds(params);
  const query = queryOf(route, req.url);
  const body = await bodyOf(route, req, bodies, credentialId);
  return { params, query, body };
}

/** The value of a query parameter that every route has; `null`: it is not given. Throws ApiProblem. */
export function queryParameter(url: string, name: string): string | null {
  const [value, ...others] = searchOf(url).getAll(name);
  if (others.length > 0) throw refused([{ field: `query.${name}`, detail: "is given more than once" }]);
  return value ?? null;
}

function paramsOf({ params }: Request): Record<string, string> {
  const entries = Object.entries(params).map(([name, value]) => [name, String(value)] as const);
  // Postgres cannot store such a text, so nothing has this name.
  if (entries.some(([, value]) => !isStorable(value))) throw new ApiProblem("not_found");
  return Object.fromEntries(entries);
}

/** Answers not_found if a parameter that must be an id is not one. */
function refuseOtherIds(params: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(params)) {
    if (TEXT_PARAMETERS.has(name) || isUuid(value)) continue;
    throw new ApiProblem("not_found", { detail: `There is no such ${name}: its id is a UUID.` });
  }
}

/** An unknown parameter with such a name is named in the answer. Any other name may be a part of a value. */
const SHOWN_NAME = /^[A-Za-z_][\w-]{0,49}$/;

function queryOf({ query }: Route, url: string): unknown {
  const given: Record<string, string> = {};
  const faults: FieldFault[] = [];
  const known = new Set([...Object.keys(query?.shape ?? {}), "organization"]);
  for (const [name, value] of searchOf(url)) {
    const field = `query.${known.has(name) || SHOWN_NAME.test(name) ? name : "?"}`;
    if (!known.has(name)) {
      faults.push({ field, detail: `the route has no such parameter; it has ${[...known].join(", ")}` });
    } else if (Object.hasOwn(given, name)) faults.push({ field, detail: "is given more than once" });
    else if (!isStorable(value)) faults.push({ field, detail: "has a character that no text may have" });
    given[name] = value;
  }
  if (faults.length > 0) throw refused(faults);
  if (query === undefined) return undefined;
  const { organization: _, ...own } = given;
  return parsed(query, "organization" in query.shape ? given : own, "query");
}

async function bodyOf(
  { body }: Route,
  req: Request,
  bodies: Pick<RequestBodies, "of">,
  credentialId: string | null,
): Promise<unknown> {
  if (body === undefined) return undefined;
  const given = await readJson(req, bodies, credentialId);
  if (!isStorableJson(given)) {
    throw refused([{ field: "body", detail: "has a character that no text may have, such as U+0000" }]);
  }
  return parsed(body, given, "body");
}

function parsed(schema: z.ZodType, value: unknown, place: "query" | "body"): unknown {
  const result = schema.safeParse(value, { error: faultWords });
  if (result.success) return result.data;
  throw refused(
    result.error.issues.map(({ path, message }) => ({
      field: [place, ...path.map(String)].join("."),
      detail: message,
    })),
  );
}

/** A request of 16 KB can have thousands of faults. */
const MAX_FAULTS = 20;

function refused(faults: readonly FieldFault[]): ApiProblem {
  const errors = faults.slice(0, MAX_FAULTS);
  const others = faults.length > MAX_FAULTS ? [`and ${faults.length - MAX_FAULTS} more`] : [];
  const detail = [...errors.map((fault) => `${fault.field}: ${fault.detail}`), ...others].join("; ");
  return new ApiProblem("bad_request", { detail, errors });
}

function searchOf(url: string): URLSearchParams {
  return new URLSearchParams(url.includes("?") ? url.slice(url.indexOf("?") + 1) : "");
}

/** Whether Postgres can store a text: not with U+0000, and in JSON not with half of a surrogate pair. */
function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

/**
 * Whether Postgres can store all texts of a JSON body. Not recursive, because a body may be nested deeper than the
 * stack.
 */
function isStorableJson(body: unknown): boolean {
  const waiting = [body];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value === "string" && !isStorable(value)) return false;
    if (typeof value !== "object" || value === null) continue;
    if (!Object.keys(value).every(isStorable)) return false;
    for (const inner of Object.values(value)) waiting.push(inner);
  }
  return true;
}
