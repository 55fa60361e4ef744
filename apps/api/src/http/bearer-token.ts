import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Whether requests carry the token as their bearer token, told in constant time; `null`: none of them does. */
export function bearerToken(token: string | null): (req: Pick<IncomingMessage, "headers">) => boolean {
  if (token === null) return () => false;
  const expected = digestOf(`Bearer ${token}`);
  return ({ headers }) => timingSafeEqual(expected, digestOf(headers.authorization ?? ""));
}

/** Of one length, whatever was sent, so that the comparison takes one time. */
function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
