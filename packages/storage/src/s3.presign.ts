import { AwsV4Signer } from "aws4fetch";
import type { S3Bucket } from "./s3.request.ts";
import { objectUrl } from "./s3.request.ts";

export type PresignOptions = {
  readonly expiresSeconds: number;
  /** What the object is called when it is saved; letters, digits, dashes and dots. */
  readonly fileName: string;
};

/** A URL by which anybody can GET the object, in parts too, until it expires. No request is made. */
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
