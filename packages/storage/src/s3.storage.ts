import type { ByteRange, IncomingObject, ObjectContent, ObjectStorage } from "./object-storage.ts";
import { listObjects, removeAbandonedUploads } from "./s3.listing.ts";
import type { S3Bucket } from "./s3.request.ts";
import { s3Fault, s3Stream, s3Text } from "./s3.request.ts";
import { StorageFault } from "./storage-fault.ts";

/**
 * S3's minimum size of a part that is not the last. R2 needs parts of equal size. An upload keeps one part in memory.
 */
const PART_BYTES = 5 * 1024 * 1024;

/** A header for services that support it. Other services are asked before whether the object exists. */
const ONLY_NEW = { "if-none-match": "*" };

/** Stores objects in a bucket of an S3-compatible service: small objects with one PUT, larger ones in parts. */
export function s3Storage(bucket: S3Bucket): ObjectStorage {
  return {
    begin: async (key, mediaType) => beginUpload(bucket, key, mediaType),
    read: (key, range) => readObject(bucket, key, range),
    async remove(key) {
      const { status, text } = await s3Text(bucket, { method: "DELETE", key });
      if (status >= 300 && status !== 404) throw s3Fault(status, text);
    },
    list: (prefix) => listObjects(bucket, prefix),
    removeAbandoned: (uploads) => removeAbandonedUploads(bucket, uploads),
    async reachable() {
      try {
        return (await s3Text(bucket, { method: "HEAD", key: "" })).status < 300;
      } catch {
        return false;
      }
    },
  };
}

async function readObject(bucket: S3Bucket, key: string, range?: ByteRange): Promise<ObjectContent | null> {
  const headers = range === undefined ? {} : { range: `bytes=${range.from}-${range.to ?? ""}` };
  const response = await s3Stream(bucket, { method: "GET", key, headers });
  const status = response.statusCode ?? 0;
  if (status !== 200 && status !== 206) {
    // The body of a refusal may never end.
    response.destroy();
    if (status === 404) return null;
    throw s3Fault(status, "");
  }
  const whole = /\/(\d+)$/.exec(response.headers["content-range"] ?? "")?.[1];
  const sizeBytes = Number(whole ?? response.headers["content-length"]);
  return { sizeBytes, chunks: unbroken(response) };
}

async function* unbroken(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch {
    throw new StorageFault("the storage broke off its answer");
  }
}

async function beginUpload(bucket: S3Bucket, key: string, mediaType: string): Promise<IncomingObject> {
  const part = Buffer.allocUnsafe(PART_BYTES);
  let filled = 0;
  let upload: MultipartUpload | null = null;
  return {
    async write(chunk) {
      for (let taken = 0; taken < chunk.length; ) {
        if (filled === PART_BYTES) {
          upload ??= await beginMultipart(bucket, key, mediaType);
          await upload.add(part);
          filled = 0;
        }
        const more = chunk.subarray(taken, taken + PART_BYTES - filled);
        part.set(more, filled);
        filled += more.length;
        taken += more.length;
      }
    },
    async publish() {
      const { status } = await s3Text(bucket, { method: "HEAD", key });
      if (status === 200) return "exists";
      const last = part.subarray(0, filled);
      if (upload === null) return putObject(bucket, key, mediaType, last);
      await upload.add(last);
      return upload.complete();
    },
    async discard() {
      await upload?.abort().catch(() => undefined);
    },
  };
}

async function putObject(
  bucket: S3Bucket,
  key: string,
  mediaType: string,
  body: Uint8Array,
): Promise<"published" | "exists"> {
  const headers = { "content-type": mediaType, ...ONLY_NEW };
  const { status, text } = await s3Text(bucket, { method: "PUT", key, headers, body });
  return published(status, text, status === 200);
}

type MultipartUpload = {
  add(part: Uint8Array): Promise<void>;
  complete(): Promise<"published" | "exists">;
  abort(): Promise<void>;
};

async function beginMultipart(bucket: S3Bucket, key: string, mediaType: string): Promise<MultipartUpload> {
  const headers = { "content-type": mediaType };
  const begun = await s3Text(bucket, { method: "POST", key, query: { uploads: "" }, headers });
  const uploadId = /<UploadId>([^<]+)<\/UploadId>/.exec(begun.text)?.[1];
  if (begun.status !== 200 || uploadId === undefined) throw s3Fault(begun.status, begun.text);
  const tags: string[] = [];
  return {
    async add(body) {
      const query = { partNumber: String(tags.length + 1), uploadId };
      const { status, headers: answer, text } = await s3Text(bucket, { method: "PUT", key, query, body });
      if (status !== 200 || answer.etag === undefined) throw s3Fault(status, text);
      tags.push(answer.etag);
    },
    async complete() {
      const parts = tags.map(
        (tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`,
      );
      const document = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
      const { status, text } = await s3Text(bucket, {
        method: "POST",
        key,
        query: { uploadId },
        headers: { "content-type": "application/xml", ...ONLY_NEW },
        body: Buffer.from(document),
      });
      // The service answers 200 before it has joined the parts. If that fails later, the text has an error.
      return published(status, text, status === 200 && !text.includes("<Error>"));
    },
    async abort() {
      await s3Text(bucket, { method: "DELETE", key, query: { uploadId } });
    },
  };
}

/** 412: the condition failed. 409: another upload of the same key was faster. */
function published(status: number, text: string, done: boolean): "published" | "exists" {
  if (done) return "published";
  if (status === 412 || status === 409) return "exists";
  throw s3Fault(status, text);
}
