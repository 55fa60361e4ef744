import type { ApiRequest } from "@call-ledger/providers";
import { EgressFault } from "../egress/egress-fault.ts";
import type { FetchedBody, FetchRequest } from "../egress/guarded-fetch.ts";

export type AskPorts = {
  fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchedBody>;
  /** Waits. Rejects early with the signal's reason. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** Called before each request. */
  onRequest(): void;
};

/** Enough for a hundred calls of an hour each. */
const MAX_BYTES = 64 * 1_048_576;
/** The time from the first to the last byte of an answer. */
const READ_MS = 60_000;
const MAX_ATTEMPTS = 6;
const FIRST_PAUSE_MS = 1_000;
/** If the API asks for a longer pause, the account is given back and compared later. */
const MAX_PAUSE_MS = 90_000;

/** An answer of more than 64 MB. A request for a part of it may have a smaller one. */
export class AnswerTooLarge extends EgressFault {
  constructor() {
    super("unsuitable", "the API's answer is too large");
  }
}

/** Returns the answer of a provider's API as bytes. Throws like `askAgain`, AnswerTooLarge too. */
export function askApi(
  request: ApiRequest,
  hosts: readonly string[],
  ports: AskPorts,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const ask = async () => readWhole(await ports.fetch({ ...request, hosts, isApi: true }, signal));
  return askAgain(ask, ports, signal);
}

/**
 * Sends a request that may be sent twice. After a passing failure it waits for the time that the API asks for, or twice
 * as long each time, and sends it again. Throws EgressFault, or the signal's reason.
 */
export async function askAgain<Answer>(
  ask: () => Promise<Answer>,
  ports: Pick<AskPorts, "pause" | "onRequest">,
  signal: AbortSignal,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    ports.onRequest();
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof EgressFault && error.kind === "passing")) throw error;
      const pauseMs = error.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1);
      if (attempt === MAX_ATTEMPTS || pauseMs > MAX_PAUSE_MS) throw error;
      await ports.pause(pauseMs, signal);
    }
  }
}

async function readWhole(body: FetchedBody): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const limit = setTimeout(() => body.close(), READ_MS);
  try {
    for await (const chunk of body.chunks) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) throw new AnswerTooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof EgressFault) throw error;
    throw new EgressFault("passing", "the API broke off half-way");
  } finally {
    clearTimeout(limit);
    body.close();
  }
  if (body.lengthBytes !== null && body.lengthBytes !== bytes) {
    throw new EgressFault("passing", "the API broke off half-way");
  }
  return Buffer.concat(chunks);
}
