import createClient from "openapi-fetch";
import type { paths } from "./ledger.d.ts";

// Prints the calls of yesterday that nobody took, one a line, the newest first.

const { LEDGER, KEY } = process.env;
const ledger = createClient<paths, `application/${string}`>({
  baseUrl: `${LEDGER}/api/v1`,
  headers: { authorization: `Bearer ${KEY}` },
});

const { data: organization, error } = await ledger.GET("/organization");
if (organization === undefined) throw new Error(error.detail ?? error.title);
const timeZone = organization.time_zone;

const to = new Date().toLocaleDateString("sv-SE", { timeZone });
const from = dayBefore(to);
let cursor: string | null | undefined;
while (cursor !== null) {
  const query = { outcome: "no_answer,busy,voicemail", from, to, ...(cursor && { cursor }) };
  const page = await ledger.GET("/calls", { params: { query } });
  if (page.data === undefined) throw new Error(page.error.detail ?? page.error.title);
  for (const call of page.data.data) {
    // A call that nobody answered may have no start. Then its time is the one at which the ledger first saw it.
    const [what, at] =
      call.started_at === null ? ["first seen", call.first_seen_at] : ["started", call.started_at];
    const time = new Date(at).toLocaleTimeString("sv-SE", { timeZone });
    console.log(what, time, call.outcome, call.customer_number ?? "unknown number", call.id);
  }
  cursor = page.data.next_cursor;
}

/** Of a day such as `2026-03-13`. */
function dayBefore(day: string): string {
  const date = new Date(day);
  date.setUTCDate(date.getUTCDate() - 1);
  return date.toISOString().slice(0, 10);
}
