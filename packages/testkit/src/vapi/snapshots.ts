import type { SimulatedCall } from "@call-ledger/simulator";

export type JsonObject = Readonly<Record<string, unknown>>;

/** A call as the API answers it from a moment on, milliseconds since 1970. */
export type VapiSnapshot = { readonly at: number; readonly call: JsonObject };

/** The newest snapshot that is there at a time; `null`: there is none yet. */
export function snapshotAt(snapshots: readonly VapiSnapshot[], now: number): JsonObject | null {
  return snapshots.findLast(({ at }) => at <= now)?.call ?? null;
}

type Message = JsonObject & { readonly type: string; readonly status?: string; readonly call: JsonObject };

/**
 * What the API says of a simulated call of Vapi's dialect over time: one snapshot when it is created and one after each
 * change. The last one has all that the report has. Between the end and the report it has the end alone.
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
      // The API creates a call at once; its first message comes a little later.
      const at = snapshots.length === 0 ? Date.parse(String(message.call.createdAt)) : atMs;
      change(at, { ...message.call, status: message.status, ...started, ...forwarded });
    } else if (message.type === "end-of-call-report") {
      change(atMs, { ...reported(message), status: "ended" });
    }
  }
  return snapshots;
}

/** The types of the API have the transcript and the recording in `artifact` alone, and no duration. */
function reported(message: Message): JsonObject {
  const { endedReason, startedAt, endedAt, cost, costs, costBreakdown, analysis, artifact } = message;
  return { endedReason, startedAt, endedAt, cost, costs, costBreakdown, analysis, artifact };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
