import { until } from "@call-ledger/testkit/process";

export type StreamEvent = {
  readonly event: string;
  readonly data: { readonly id?: string; readonly phase?: string | null };
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

/** Follows the calls that a credential may see. Resolves when the service has begun to answer. */
export async function followCalls(
  url: string,
  headers: Readonly<Record<string, string>>,
  lastId: string | null = null,
): Promise<Followed> {
  const abort = new AbortController();
  const response = await fetch(`${url}/api/v1/calls/stream`, {
    headers: { ...headers, ...(lastId === null ? {} : { "last-event-id": lastId }) },
    signal: abort.signal,
  });
  if (response.status !== 200 || response.body === null)
    throw new Error(`the stream answered ${response.status}`);
  const events: StreamEvent[] = [];
  const state = { lastId, isOpen: true };
  const reading = async (body: ReadableStream<Uint8Array>) => {
    let text = "";
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const blocks = (text + chunk).split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const fields = new Map(
          block.split("\n").map((line) => [line.split(": ")[0], line.slice(line.indexOf(": ") + 2)]),
        );
        state.lastId = fields.get("id") ?? state.lastId;
        const data = fields.get("data");
        if (data !== undefined) events.push({ event: fields.get("event") ?? "", data: JSON.parse(data) });
      }
    }
  };
  const ended = reading(response.body)
    .catch(() => undefined)
    .then(() => {
      state.isOpen = false;
    });
  await until(
    async () => state.lastId !== lastId || events.length > 0 || !state.isOpen,
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
    },
    close: () => abort.abort(),
  };
}
