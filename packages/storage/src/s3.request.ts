import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { AwsV4Signer } from "aws4fetch";
import { StorageFault } from "./storage-fault.ts";

/** A bucket of an S3-compatible service. */
export type S3Bucket = {
  /** The service's URL, with or without a path (Supabase has one). */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
};

export type S3Request = {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** The object's key. Empty: the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
};

export type S3Answer = { readonly status: number; readonly headers: IncomingMessage["headers"] };

const IDLE_MS = 60_000;
/** The max time for a request whose answer is short text. A part of 5 MB needs 43 KB a second. */
const TEXT_MS = 120_000;
const ATTEMPTS = 3;
const PAUSE_MS = 200;
const NOT_IMPLEMENTED = 501;
/** The limit for answers that are not objects. They have a few hundred bytes of XML. */
const MAX_TEXT_BYTES = 1_048_576;

/**
 * Sends a signed request and returns the stream of the answer, which the caller has to read or destroy. The signature
 * covers the SHA-256 of the body, so the service refuses a damaged body. After `maxMs` the connection is closed;
 * `null`: only if it is idle. Throws StorageFault if there is no answer.
 */
export async function s3Stream(
  bucket: S3Bucket,
  request: S3Request,
  maxMs: number | null = null,
): Promise<IncomingMessage> {
  const { body = new Uint8Array() } = request;
  const signed = await sign(bucket, request, createHash("sha256").update(body).digest("hex"));
  const send = signed.url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const headers = { ...Object.fromEntries(signed.headers), "content-length": String(body.length) };
    const outgoing = send(signed.url, { method: request.method, headers, timeout: IDLE_MS });
    outgoing.once("timeout", () => outgoing.destroy());
    if (maxMs !== null) {
      const timeout = setTimeout(() => outgoing.destroy(), maxMs);
      outgoing.once("close", () => clearTimeout(timeout));
    }
    const lost = () => reject(new StorageFault("the storage does not answer"));
    // After an answer that switches the protocol, Node closes the connection without an error.
    outgoing.once("error", lost).once("close", lost);
    outgoing.once("response", (response) => {
      response.on("error", () => undefined);
      resolve(response);
    });
    outgoing.end(body);
  });
}

/**
 * Sends a request whose answer is short text, and repeats it after a fault of the service or after `maxMs`. Throws
 * StorageFault.
 */
export async function s3Text(
  bucket: S3Bucket,
  request: S3Request,
  maxMs = TEXT_MS,
): Promise<S3Answer & { readonly text: string }> {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await s3Stream(bucket, request, maxMs);
      const text = await textOf(response);
      const status = response.statusCode ?? 0;
      if ((status < 500 && status !== 429) || status === NOT_IMPLEMENTED)
        return { status, headers: response.headers, text };
      if (attempt === ATTEMPTS) throw s3Fault(status, text);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
  }
}

/** Returns the service's refusal as a fault. It contains the service's code (`NoSuchBucket`), but not its message. */
export function s3Fault(status: number, text: string): StorageFault {
  const code = /<Code>([A-Za-z0-9.]{1,60})<\/Code>/.exec(text)?.[1];
  const full = status === 507 || code === "InsufficientStorage" || code === "EntityTooLarge";
  if (full) return new StorageFault("the storage is full");
  const suffix = code === undefined ? "" : `, ${code}`;
  return new StorageFault(`the storage answered HTTP ${status}${suffix}`);
}

/** Returns the URL of an object, or of the bucket itself if the key is empty. */
export function objectUrl({ endpoint, bucket }: S3Bucket, key: string): URL {
  return new URL(`${endpoint.replace(/\/+$/, "")}/${bucket}${key === "" ? "" : `/${key}`}`);
}

function sign(bucket: S3Bucket, { method, key, query = {}, headers = {} }: S3Request, digest: string) {
  const url = objectUrl(bucket, key);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const signer = new AwsV4Signer({
    method,
    url: url.href,
    headers: { ...headers, "x-amz-content-sha256": digest },
    accessKeyId: bucket.accessKeyId,
    secretAccessKey: bucket.secretAccessKey,
    service: "s3",
    region: bucket.region,
  });
  return signer.sign();
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      size += chunk.length;
      if (size > MAX_TEXT_BYTES) break;
      chunks.push(chunk);
    }
  } catch {
    throw new StorageFault("the storage broke off its answer");
  }
  return Buffer.concat(chunks).toString("utf8");
}
