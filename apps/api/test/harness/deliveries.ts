import { readFileSync } from "node:fs";
import { signVapi } from "@call-ledger/providers/testing/vapi";
import { SECRET } from "./running-api.ts";

export const ASSISTANT = "5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711";
export const OUR_NUMBER = "+12025550100";
export const OUR_NUMBER_ID = "a3c9e2d4-7b18-4f06-9e6d-1c5b8f204e92";

export type Received = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
};

const FIXTURES = new URL("../../../../packages/providers/test/fixtures/", import.meta.url);

/** The exact bytes of a recorded delivery, by its path among the fixtures. */
export function fixture(path: string): Buffer {
  return readFileSync(new URL(path, FIXTURES));
}

/** A message in Vapi's envelope. */
export function message(
  type: string,
  callId: string,
  fields: Readonly<Record<string, unknown>> = {},
): Buffer {
  const call = { id: callId, type: "inboundPhoneCall", assistantId: ASSISTANT };
  return Buffer.from(
    JSON.stringify({ message: { type, timestamp: Date.UTC(2026, 2, 12, 15), call, ...fields } }),
  );
}

/** Sends a body signed as Vapi signs it. */
export function deliver(
  url: string,
  body: Uint8Array,
  init: { readonly headers?: Readonly<Record<string, string>>; readonly signal?: AbortSignal } = {},
): Promise<Received> {
  const headers = {
    "content-type": "application/json",
    ...signVapi(body, SECRET, Date.now()),
    ...init.headers,
  };
  return send(url, { ...init, method: "POST", headers, body: Buffer.from(body) });
}

export async function send(url: string, init: RequestInit): Promise<Received> {
  const target = new URL(url);
  if (target.pathname === "/") target.pathname = "/api/webhooks/vapi";
  const response = await fetch(target, init);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: text === "" ? null : JSON.parse(text),
  };
}
