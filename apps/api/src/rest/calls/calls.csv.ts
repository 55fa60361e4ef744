import { pipeline } from "node:stream/promises";
import type { CallFilters, CallSummary } from "@call-ledger/contract/calls";
import type { Reader } from "@call-ledger/db/read";
import { listCalls } from "@call-ledger/db/read";
import type { Response } from "express";
import type { OrganizationCaller } from "../mount/caller.ts";
import { queryForRequest } from "../query-for-request.ts";
import { summaryView } from "./call-view.ts";

type Cell = string | number | null | undefined;

const COLUMNS: Readonly<Record<string, (call: CallSummary) => Cell>> = {
  id: ({ id }) => id,
  provider: ({ provider }) => provider,
  provider_call_id: (call) => call.provider_call_id,
  agent_id: ({ agent }) => agent?.id,
  agent_name: ({ agent }) => agent?.name,
  direction: ({ direction }) => direction,
  phase: ({ phase }) => phase,
  outcome: ({ outcome }) => outcome,
  ended_reason: (call) => call.ended_reason,
  ended_reason_text: (call) => call.ended_reason_text,
  customer_number: (call) => call.customer_number,
  customer_name: (call) => call.customer_name,
  forwarded_to: (call) => call.forwarded_to,
  first_seen_at: (call) => call.first_seen_at,
  started_at: (call) => call.started_at,
  ended_at: (call) => call.ended_at,
  duration_seconds: (call) => call.duration_seconds,
  caller_turns: (call) => call.caller_turns,
  attention: ({ attention }) => attention.join(" "),
  recording_state: (call) => call.recording_state,
  tags: ({ tags }) => tags.join(";"),
  external_ref: (call) => call.external_ref,
  updated_at: (call) => call.updated_at,
};

const PAGE = 1_000;
const EXPORT_MS = 10_000;
/** The max time in which a client takes a page. */
const STILL_MS = 60_000;

/**
 * Writes the calls that a filter selects as CSV (RFC 4180), the newest first. Reads the next page when the client has
 * taken the last one. Throws the errors of `queryForRequest`. If a later page fails, it closes the connection before it
 * throws.
 */
export async function writeCalls(
  res: Response,
  reader: Reader,
  { orgId, scopes }: OrganizationCaller,
  selection: CallFilters,
): Promise<void> {
  const columns = Object.entries({
    ...COLUMNS,
    ...(scopes.has("costs:read") ? { cost_usd: (call: CallSummary) => call.cost_usd } : {}),
  });
  const order = { sort: "start", order: "desc" } as const;
  const page = (cursor: string | undefined) =>
    queryForRequest(() =>
      reader.as(orgId, (db) => listCalls(db, orgId, { selection, order, limit: PAGE, cursor }), EXPORT_MS),
    );
  const first = await page(undefined);
  res.writeHead(200, {
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": 'attachment; filename="calls.csv"',
  });
  async function* text() {
    yield line(columns.map(([name]) => name));
    for (let next: typeof first | null = first; next !== null; ) {
      const { rows, nextCursor }: typeof first = next;
      const calls = rows.map((row) => summaryView(row, scopes));
      // A client that takes nothing for long is cut off.
      const timeout = setTimeout(() => res.destroy(), STILL_MS);
      try {
        yield calls.map((call) => line(columns.map(([, cellOf]) => cellOf(call)))).join("");
      } finally {
        clearTimeout(timeout);
      }
      next = nextCursor === null ? null : await page(nextCursor);
    }
  }
  try {
    await pipeline(text, res);
  } catch (error) {
    // The client has ended the connection.
    if (!(error instanceof Error && Reflect.get(error, "code") === "ERR_STREAM_PREMATURE_CLOSE")) throw error;
  }
}

function line(cells: readonly Cell[]): string {
  return `${cells.map((cell) => quoted(guarded(String(cell ?? "")))).join(",")}\r\n`;
}

const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

/** Puts `'` before a text that a spreadsheet would run as a formula, in some languages with full-width signs too. */
function guarded(text: string): string {
  return /^[\s\p{Cf}]*[=+\-@＝＋－＠\t\r]/u.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
