import type { AbandonedUploads, ListedObject } from "./object-storage.ts";
import { NotOffered } from "./object-storage.ts";
import type { S3Bucket } from "./s3.request.ts";
import { s3Fault, s3Text } from "./s3.request.ts";

/** Half of S3's maximum, so that an answer stays well below the limit of its length. */
const MAX_AT_ONCE = "500";

/** The HTTP statuses of services that do not know an operation, or do not allow it to these access keys. */
const NOT_OFFERED = new Set([403, 405, 501]);

/** Lists objects with ListObjectsV2, page by page. Throws StorageFault and NotOffered. */
export async function* listObjects(
  bucket: S3Bucket,
  prefix: string,
): AsyncGenerator<readonly ListedObject[]> {
  const first = { "list-type": "2", prefix, "max-keys": MAX_AT_ONCE };
  for (let query: Record<string, string> | null = first; query !== null; ) {
    const page = await ask(bucket, query, "ListObjectsV2");
    yield elements(page, "Contents").map((object) => ({
      key: textIn(object, "Key"),
      sizeBytes: Number(textIn(object, "Size")),
      modifiedAt: Date.parse(textIn(object, "LastModified")),
    }));
    const token = textIn(page, "NextContinuationToken");
    query = token === "" ? null : { ...first, "continuation-token": token };
  }
}

/**
 * Finds uploads with ListMultipartUploads, page by page, and ends them with AbortMultipartUpload. Throws StorageFault
 * and NotOffered.
 */
export async function removeAbandonedUploads(
  bucket: S3Bucket,
  { prefix, begunBefore, isOurs }: AbandonedUploads,
): Promise<number> {
  const first = { uploads: "", prefix, "max-uploads": MAX_AT_ONCE };
  let removed = 0;
  for (let query: Record<string, string> | null = first; query !== null; ) {
    const page = await ask(bucket, query, "ListMultipartUploads");
    for (const upload of elements(page, "Upload")) {
      const key = textIn(upload, "Key");
      if (!(isOurs(key) && Date.parse(textIn(upload, "Initiated")) < begunBefore)) continue;
      await abort(bucket, key, textIn(upload, "UploadId"));
      removed += 1;
    }
    const more = textIn(page, "IsTruncated") === "true";
    const marker = {
      "key-marker": textIn(page, "NextKeyMarker"),
      "upload-id-marker": textIn(page, "NextUploadIdMarker"),
    };
    query = more && marker["key-marker"] !== "" ? { ...first, ...marker } : null;
  }
  return removed;
}

async function abort(bucket: S3Bucket, key: string, uploadId: string): Promise<void> {
  const { status, text } = await s3Text(bucket, { method: "DELETE", key, query: { uploadId } });
  if (NOT_OFFERED.has(status)) throw notOffered("AbortMultipartUpload", status, text);
  if (status >= 300 && status !== 404) throw s3Fault(status, text);
}

async function ask(bucket: S3Bucket, query: Record<string, string>, operation: string): Promise<string> {
  const { status, text } = await s3Text(bucket, { method: "GET", key: "", query });
  if (NOT_OFFERED.has(status)) throw notOffered(operation, status, text);
  if (status !== 200) throw s3Fault(status, text);
  return text;
}

function notOffered(operation: string, status: number, text: string): NotOffered {
  return new NotOffered(`${operation}: ${s3Fault(status, text).reason}`);
}

/** Returns the contents of all elements with a name. The elements that are read here do not nest. */
function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs"))].map(([, content = ""]) => content);
}

/** Returns the text of the first element with a name, with its entities decoded; empty if there is no such element. */
function textIn(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? "";
  return text.replace(/&(?:amp|lt|gt|quot|apos|#(\d+)|#x([0-9a-f]+));/gi, (entity, decimal, hex) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    return ENTITIES[entity.toLowerCase()] ?? entity;
  });
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
};
