import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, zstdDecompress } from "node:zlib";
import type { ErrorRequestHandler, Request, RequestHandler } from "express";
import { raw } from "express";

type Decode = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const CODINGS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ["gzip", promisify(gunzip)],
  ["x-gzip", promisify(gunzip)],
  ["deflate", promisify(inflate)],
  ["br", promisify(brotliDecompress)],
  ["zstd", promisify(zstdDecompress)],
]);

/** The body is larger than is read, as it came or inflated. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/**
 * Reads the body of a delivery, whatever type it claims to be, up to a limit that holds for the bytes on the wire and
 * for what they inflate to. A content coding belongs to the transport: senders sign the text that they wrote. A coding
 * that is unknown or broken is left as it came, so that a verified delivery is kept and not refused.
 */
export function deliveryBody(limitBytes: number): (RequestHandler | ErrorRequestHandler)[] {
  const codings = new WeakMap<Request, string>();
  const hideCoding: RequestHandler = (req, _res, next) => {
    const coding = req.headers["content-encoding"]?.trim().toLowerCase();
    if (coding !== undefined) codings.set(req, coding);
    // The parser refuses a coding that it does not know before anybody could verify the delivery.
    delete req.headers["content-encoding"];
    next();
  };
  const decodeBody: RequestHandler = async (req, _res, next) => {
    const decode = CODINGS.get(codings.get(req) ?? "");
    if (decode !== undefined) req.body = await decoded(bodyOf(req), decode, limitBytes);
    next();
  };
  return [hideCoding, raw({ type: () => true, limit: limitBytes }), decodeBody];
}

/** The bytes that `deliveryBody` read, empty when there were none. */
export function bodyOf(req: Request): Buffer {
  const body: unknown = req.body;
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

async function decoded(bytes: Buffer, decode: Decode, limitBytes: number): Promise<Buffer> {
  try {
    return await decode(bytes, { maxOutputLength: limitBytes });
  } catch (error) {
    const tooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    if (tooLarge) throw new BodyTooLarge();
    return bytes;
  }
}
