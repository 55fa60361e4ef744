import type { SimulatedCall } from "@call-ledger/simulator";

export type JsonObject = Readonly<Record<string, unknown>>;

/** The API's answer for a call from a moment on, in milliseconds since 1970. */
export type VapiSnapshot = { readonly at: number; readonly call: JsonObject };

/** Returns the newest snapshot at a time; `null` if there is none yet. */
export function snapshotAt(snapshots: readonly VapiSnapshot[], now: number): JsonObject | null {
  return snapshots.findLast(({ at }) => at <= now)?.call ?? null;
}

type Message = JsonObject & { readonly type: string; readonly status?: string; readonly call: JsonObject };

/**
 * Returns the API's answers for a simulated call of Vapi's dialect over time: one snapshot at its creation and one
 * after each change. The last one has everything that the report has. Between the end and the report, only the end is
 * added.
 */
export function snapshotsOf(call: SimulatedCall): VapiSnapshot[] {
  const messages = call.deliveries.map(({ atMs, body }) => {
    const { message }: { message: Message } = JSON.parse(body);
    return { atMs, message };
  });
  const snapshots: VapiSnapshot[] = [];
  const change = (at: number, fields: JsonObject) => {
    const before = snapshots.at(-1)?.call ?? {};
    snapshots.push({ at, call: { ...before, ...fields, updatedAt: new Date(at).toISOString() } });
  };
  for (const { atMs, message } of messages) {
    if (message.type === "status-update" && message.status === "ended") {
      change(atMs, { status: "ended", endedReason: message.endedReason, endedAt: iso(atMs) });
    } else if (message.type === "status-update") {
      const started = message.status === "in-progress" ? { startedAt: iso(atMs) } : {};
      const forwarded = message.destination === undefined ? {} : { destination: message.destination };
      // The API has a call from its creation on; the first message comes a little later.
      const at = snapshots.length === 0 ? Date.parse(String(message.call.createdAt)) : atMs;
      change(at, { ...message.call, status: message.status, ...started, ...forwarded });
    } else if (message.type === "end-of-call-report") {
      change(atMs, { ...reported(message), status: "ended" });
    }
  }
  return snapshots;
}

/** According to the API's types, transcript and recording are in `artifact` only, and there is no duration. */
function reported(message: Message): JsonObject {
  const { endedReason, startedAt, endedAt, cost, costs, costBreakdown, analysis, artifact } = message;
  return { endedReason, startedAt, endedAt, cost, costs, costBreakdown, analysis, artifact };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
