import type { Instant } from "@call-ledger/domain";
import { randomFrom } from "../random.ts";

/** The validity of a presigned URL in seconds. */
const EXPIRY_SECONDS = 3_600;
const HEX = "0123456789abcdef";

/** The volatile part of a report's artifact. Its URLs differ in every delivery of the report. */
export type PresignedUrls = {
  readonly presignedMonoUrl: string;
  readonly presignedStereoUrl: string;
  readonly presignedLogUrl: string;
  readonly presignedUrlsExpiresAt: string;
};

/** Returns URLs that were signed at `signedAt`. Another time gives other URLs. */
export function presignedUrls(origin: string, callId: string, signedAt: Instant): PresignedUrls {
  const random = randomFrom("presigned", callId, signedAt);
  const stamp = new Date(signedAt).toISOString().replace(/[-:]|\.\d+/g, "");
  const sign = (file: string) => {
    const query = [
      "X-Amz-Algorithm=AWS4-HMAC-SHA256",
      `X-Amz-Credential=${random.text(32, HEX)}%2F${stamp.slice(0, 8)}%2Fauto%2Fs3%2Faws4_request`,
      `X-Amz-Date=${stamp}`,
      `X-Amz-Expires=${EXPIRY_SECONDS}`,
      `X-Amz-Signature=${random.text(64, HEX)}`,
      "X-Amz-SignedHeaders=host",
    ];
    return `${origin}/${callId}/${file}?${query.join("&")}`;
  };
  return {
    presignedMonoUrl: sign("mono.wav"),
    presignedStereoUrl: sign("stereo.wav"),
    presignedLogUrl: sign("call.jsonl.gz"),
    presignedUrlsExpiresAt: new Date(signedAt + EXPIRY_SECONDS * 1000).toISOString(),
  };
}
