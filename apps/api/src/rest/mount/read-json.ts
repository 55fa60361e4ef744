import type { Request } from "express";
import { BodyAborted, BodyTooLarge, BodyTooSlow } from "../../http/arriving-body.ts";
import { NoRoom } from "../../http/byte-budget.ts";
import { isKnownCoding } from "../../http/inflate.ts";
import type { RequestBodies } from "../../http/request-body.ts";
import { ApiProblem } from "./api-problem.ts";

/** The max size of a JSON body in bytes. */
const MAX_BODY_BYTES = 262_144;
/** The same for a sender without a credential, who sends only the token of a link. */
const MAX_STRANGERS_BODY_BYTES = 4_096;
const RETRY_LATER = { "retry-after": "5" };

const UTF8 = new TextDecoder();

/**
 * Reads a JSON body, which takes its room in the budget of all bodies. `credentialId`: the sender's credential; `null`:
 * there is none. Without a body the result is an empty object. Throws ApiProblem.
 */
export async function readJson(
  req: Request,
  bodies: Pick<RequestBodies, "of">,
  credentialId: string | null,
): Promise<unknown> {
  const { "content-length": length, "transfer-encoding": transfer } = req.headers;
  if (transfer === undefined && (length === undefined || length === "0")) return {};
  refuseOtherTypes(req);
  const maxBytes = credentialId === null ? MAX_STRANGERS_BODY_BYTES : MAX_BODY_BYTES;
  const text = await textOf(req, bodies, credentialId, maxBytes).catch((error: unknown) => {
    throw problemOf(error, maxBytes);
  });
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiProblem("bad_request", { detail: "The body is not valid JSON." });
  }
}

async function textOf(
  req: Request,
  bodies: Pick<RequestBodies, "of">,
  credentialId: string | null,
  maxBytes: number,
): Promise<string> {
  const body = bodies.of(req, maxBytes);
  try {
    return UTF8.decode(await body.read(credentialId));
  } finally {
    body.release();
  }
}

function refuseOtherTypes({ headers }: Request): void {
  const type = headers["content-type"] ?? "";
  if (!/^application\/json *(?:;|$)/i.test(type)) {
    throw new ApiProblem("unsupported_media_type", {
      detail: "The body has to be JSON. Send it with Content-Type: application/json.",
    });
  }
  const [, charset = "utf-8"] = /;\s*charset="?([^";\s]+)/i.exec(type) ?? [];
  if (!/^utf-?8$/i.test(charset) || !isKnownCoding(headers["content-encoding"])) {
    throw new ApiProblem("unsupported_media_type", { detail: "The body has to be JSON in UTF-8." });
  }
}

function problemOf(error: unknown, maxBytes: number): unknown {
  if (error instanceof BodyTooLarge) {
    return new ApiProblem("too_large", { detail: `A body has at most ${maxBytes} bytes.` });
  }
  if (error instanceof BodyTooSlow) {
    return new ApiProblem("too_slow", { detail: "The body came too slowly. Send it without pauses." });
  }
  if (error instanceof NoRoom) {
    const detail = "Too many requests with a body are under way. Send the request again in some seconds.";
    return new ApiProblem("unavailable", { detail, headers: RETRY_LATER });
  }
  if (error instanceof BodyAborted) {
    return new ApiProblem("bad_request", { detail: "The body ended before its declared length." });
  }
  return error;
}
