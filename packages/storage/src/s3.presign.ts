import { AwsV4Signer } from "aws4fetch";
import type { S3Bucket } from "./s3.request.ts";
import { objectUrl } from "./s3.request.ts";

export type PresignOptions = {
  readonly expiresSeconds: number;
  /** The name of the file when it is saved: letters, digits, dashes and dots. */
  readonly fileName: string;
};

/** Returns a URL with which anybody can GET the object, or parts of it, until it expires. Sends no request. */
export async function presignedUrl(
  bucket: S3Bucket,
  key: string,
  { expiresSeconds, fileName }: PresignOptions,
): Promise<string> {
  const url = objectUrl(bucket, key);
  url.searchParams.set("X-Amz-Expires", String(expiresSeconds));
  url.searchParams.set("response-content-disposition", `inline; filename="${fileName}"`);
  const { accessKeyId, secretAccessKey, region } = bucket;
  const signer = new AwsV4Signer({
    method: "GET",
    url: url.href,
    accessKeyId,
    secretAccessKey,
    service: "s3",
    region,
    signQuery: true,
  });
  return (await signer.sign()).url.href;
}
