import { fixture } from "./read-fixture.ts";

export const CALL_ID = "019ce2a4-6c20-7bb1-8d4e-2f6a9c01d001";
export const TIME = Date.UTC(2026, 2, 12, 15, 4, 3, 655);

type Fields = Readonly<Record<string, unknown>>;

/** Returns the bytes of a JSON body. */
export function body(json: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(json));
}

/** Returns a message in Vapi's envelope. `fields` can replace every field, including `call`. */
export function vapiMessage(type: string, fields: Fields = {}): Uint8Array {
  const call = { id: CALL_ID, type: "inboundPhoneCall", status: "ringing" };
  return body({ message: { type, timestamp: TIME, call, ...fields } });
}

/** Returns a message of the flat dialect. */
export function flatMessage(type: string, fields: Fields = {}): Uint8Array {
  return body({ type, call: { id: CALL_ID, status: "in-progress" }, ...fields });
}

/** Returns a recorded delivery with some of its texts replaced. */
export function edited(path: string, ...edits: readonly (readonly [string | RegExp, string])[]): Uint8Array {
  const text = Buffer.from(fixture(path)).toString();
  return Buffer.from(edits.reduce((result, [from, to]) => result.replaceAll(from, to), text));
}
