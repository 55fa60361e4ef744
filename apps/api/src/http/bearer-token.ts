import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Whether a request carries the token as its bearer token, compared in constant time. `null`: no request does. */
export function bearerToken(token: string | null): (req: Pick<IncomingMessage, "headers">) => boolean {
  if (token === null) return () => false;
  const expected = digestOf(`Bearer ${token}`);
  return ({ headers }) => timingSafeEqual(expected, digestOf(headers.authorization ?? ""));
}

/** A digest has the same length for every text, so the comparison always takes the same time. */
function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
