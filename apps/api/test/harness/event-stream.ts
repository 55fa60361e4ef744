import { ROUTES } from "@call-ledger/contract/routes";
import { until } from "@call-ledger/testkit/process";
import { z } from "zod";

export type StreamEvent = {
  readonly event: string;
  readonly data: { readonly [field: string]: unknown; readonly id?: string; readonly phase?: string | null };
};

/** A client of server-sent events. */
export type Followed = {
  readonly events: readonly StreamEvent[];
  /** The id of the last event, or of the last place without an event. */
  readonly lastId: string | null;
  readonly ended: Promise<void>;
  isOpen(): boolean;
  until(isTrue: (events: readonly StreamEvent[]) => boolean): Promise<void>;
  close(): void;
};

type Streaming = "streamCalls" | "streamDeliveries";

/** Follows the calls that a credential may see. Resolves when the service has begun to answer. */
export function followCalls(
  url: string,
  headers: Readonly<Record<string, string>>,
  lastId: string | null = null,
): Promise<Followed> {
  return follow("streamCalls", url, headers, lastId);
}

/** Follows a stream. `until` throws after an event that does not match the contract. */
export async function follow(
  route: Streaming,
  url: string,
  headers: Readonly<Record<string, string>>,
  lastId: string | null = null,
): Promise<Followed> {
  const abort = new AbortController();
  const response = await fetch(`${url}/api/v1${ROUTES[route].path}`, {
    headers: { ...headers, ...(lastId === null ? {} : { "last-event-id": lastId }) },
    signal: abort.signal,
  });
  if (response.status !== 200 || response.body === null)
    throw new Error(`the stream answered ${response.status}`);
  const events: StreamEvent[] = [];
  const state = { lastId, isOpen: true, hasBegun: false, faults: [] as string[] };
  const reading = async (body: ReadableStream<Uint8Array>) => {
    let text = "";
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const blocks = (text + chunk).split("\n\n");
      text = blocks.pop() ?? "";
      // A place of the list of calls comes first; deliveries have none.
      state.hasBegun ||= blocks.length > 0 && route === "streamDeliveries";
      for (const block of blocks) {
        const fields = new Map(
          block.split("\n").map((line) => [line.split(": ")[0], line.slice(line.indexOf(": ") + 2)]),
        );
        state.lastId = fields.get("id") ?? state.lastId;
        const data = fields.get("data");
        if (data !== undefined) {
          const event = { event: fields.get("event") ?? "", data: JSON.parse(data) };
          state.faults.push(...faultsOf(route, event));
          events.push(event);
        }
      }
    }
  };
  const ended = reading(response.body)
    .catch(() => undefined)
    .then(() => {
      state.isOpen = false;
    });
  await until(
    async () => state.lastId !== lastId || events.length > 0 || !state.isOpen || state.hasBegun,
    "the stream has begun",
  );
  return {
    events,
    get lastId() {
      return state.lastId;
    },
    ended,
    isOpen: () => state.isOpen,
    until: async (isTrue) => {
      await until(async () => isTrue(events), "the stream sends it");
      if (state.faults.length > 0) throw new Error(state.faults.join("\n"));
    },
    close: () => abort.abort(),
  };
}

const EMPTY = z.strictObject({});

/** Returns how an event differs from the contract. */
function faultsOf(route: Streaming, { event, data }: StreamEvent): string[] {
  const named = new Map([
    ["call", ROUTES.streamCalls.response],
    ["reset", EMPTY],
    ["delivery", ROUTES.streamDeliveries.response],
  ]);
  const isOfRoute = (event === "delivery") === (route === "streamDeliveries");
  const { success, error } = (isOfRoute ? (named.get(event) ?? z.never()) : z.never()).safeParse(data);
  return success ? [] : [`event ${event}: ${error.message}`];
}
