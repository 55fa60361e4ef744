import { createHash } from "node:crypto";
import type { Request } from "express";
import { ApiProblem } from "./api-problem.ts";
import type { Caller } from "./caller.ts";

/** A reply that is kept for a repetition of its request. */
export type KeptReply = { readonly status: number; readonly text: string };

export type IdempotentRequest = {
  readonly caller: Caller;
  readonly key: string;
  /** SHA-256 of the method, path and body. */
  readonly requestHash: Buffer;
  /** The credential of the request, with which its reply is encrypted. */
  readonly token: string;
};

export type IdempotencyPorts = {
  /**
   * Begins a request with a key. `first`: run the request, then `keep` its reply or `forget` the key. `other`: the key
   * was used for another request. `running`: the first request with the key has no reply yet.
   */
  begin(request: IdempotentRequest): Promise<"first" | "running" | "other" | KeptReply>;
  keep(request: IdempotentRequest, reply: KeptReply): Promise<void>;
  forget(request: IdempotentRequest): Promise<void>;
};

const KEY_FORM = /^[\x21-\x7e]{1,255}$/;

/** The request's Idempotency-Key; `null`: it has none. Throws ApiProblem. */
export function idempotencyKey({ headers }: Pick<Request, "headers">): string | null {
  const given = headers["idempotency-key"];
  if (given === undefined) return null;
  if (typeof given === "string" && KEY_FORM.test(given)) return given;
  const detail = "has to be 1 to 255 visible ASCII characters, such as a UUID";
  throw new ApiProblem("bad_request", {
    detail: `header.idempotency-key: ${detail}`,
    errors: [{ field: "header.idempotency-key", detail }],
  });
}

export function requestHash(method: string, url: string, body: unknown): Buffer {
  return createHash("sha256")
    .update(JSON.stringify([method, url, body ?? null]))
    .digest();
}

/**
 * Runs a request once for its key: a repetition within 24 hours gets the first reply. If `run` throws, no reply is
 * kept, so a repetition is run. Throws ApiProblem and the errors of `run`.
 */
export async function runOnce(
  ports: IdempotencyPorts,
  request: IdempotentRequest,
  run: () => Promise<KeptReply>,
): Promise<KeptReply & { readonly isReplayed: boolean }> {
  const begun = await ports.begin(request);
  if (begun === "other") {
    throw new ApiProblem("idempotency_conflict", {
      detail: "The Idempotency-Key was used for another request. Use a new key for each request.",
    });
  }
  if (begun === "running") {
    throw new ApiProblem("idempotency_conflict", {
      detail: "The first request with this Idempotency-Key is still running. Ask again in a second.",
      headers: { "retry-after": "1" },
    });
  }
  if (begun !== "first") return { ...begun, isReplayed: true };
  let reply: KeptReply;
  try {
    reply = await run();
  } catch (error) {
    await ports.forget(request);
    throw error;
  }
  // The request has succeeded. A reply that could not be kept does not change that.
  await ports.keep(request, reply).catch(() => undefined);
  return { ...reply, isReplayed: false };
}
