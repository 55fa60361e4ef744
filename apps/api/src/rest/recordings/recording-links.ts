import { resolve } from "node:path";
import type { Config } from "@call-ledger/config";
import { linkSigner } from "@call-ledger/credentials";
import type { Pool } from "@call-ledger/db/client";
import { readCallRecording } from "@call-ledger/db/read";
import { PROVIDERS } from "@call-ledger/providers";
import { reading } from "../ledger-reading.ts";
import type { RecordingPorts } from "./recording.handler.ts";
import type { RecordingFiles } from "./recording-files.route.ts";
import { RECORDING_FILES_PATH } from "./recording-files.route.ts";

/** Two such queries one after the other still leave time to answer 503 within five seconds. */
const QUESTION_MS = 2_000;
/** Long enough to press play, too short to be passed on. */
const LINK_SECONDS = 300;
/** So many of the 64 hexadecimal digits of a checksum are enough to tell any two recordings apart. */
const VERSION_DIGITS = 32;

export type RecordingLinks = { readonly recordings: RecordingPorts; readonly files: RecordingFiles | null };

/** The states of recordings, and links to them. The storage module is loaded with the first recording. */
export function recordingLinks(config: Config, pool: Pool): RecordingLinks {
  const signer = linkSigner({
    encryptionKey: config.ENCRYPTION_KEY,
    webhookSecrets: PROVIDERS.flatMap(({ platform }) => platform.accountIn(config).webhookSecrets),
  });
  const recordings: RecordingPorts = {
    recordingOf: (orgId, wanted) => reading(() => readCallRecording(pool, orgId, wanted, QUESTION_MS)),
    async linkTo(orgId, { path: key, sha256 }) {
      const { namedObject, presignedUrl, recordingBucket } = await import("@call-ledger/storage");
      const object = namedObject(key);
      if (object === null || object.orgId !== orgId) return null;
      const expires = Math.floor(Date.now() / 1000) + LINK_SECONDS;
      const expiresAt = new Date(expires * 1000);
      const bucket = recordingBucket(config);
      if (bucket !== null) {
        const { fileName } = object;
        return {
          url: await presignedUrl(bucket, key, { expiresSeconds: LINK_SECONDS, fileName }),
          expiresAt,
        };
      }
      const version = sha256?.slice(0, VERSION_DIGITS) ?? "";
      const signature = await signer.sign({ key, version, expires });
      const query = new URLSearchParams({ version, expires: String(expires), signature });
      return { url: `${RECORDING_FILES_PATH}/${key}?${query}`, expiresAt };
    },
    async peaksOf(orgId, { peaksPath }) {
      if (peaksPath === null) return null;
      const { objectOwner, recordingStorage } = await import("@call-ledger/storage");
      if (objectOwner(peaksPath)?.orgId !== orgId) return null;
      const { readPeaks } = await import("./stored-peaks.ts");
      return readPeaks(recordingStorage(config), peaksPath);
    },
  };
  const files: RecordingFiles = {
    folder: resolve(config.STORAGE_PATH),
    async open(key, query) {
      const [version, expires, signature] = ["version", "expires", "signature"].map(
        (name) => query.get(name) ?? "",
      );
      if (version === undefined || signature === undefined || !/^\d{1,12}$/.test(expires ?? "")) return null;
      const link = { key, version, expires: Number(expires) };
      const isSigned = await signer.isSigned(link, signature);
      if (!isSigned || link.expires * 1000 < Date.now()) return null;
      const { namedObject } = await import("@call-ledger/storage");
      const object = namedObject(key);
      return object === null ? null : { mediaType: object.mediaType, fileName: object.fileName, version };
    },
  };
  return { recordings, files: config.STORAGE_DRIVER === "local" ? files : null };
}
