import { z } from "zod";
import {
  anyOf,
  HOST_AND_PORT,
  HOST_RULE,
  listOf,
  oneOf,
  optional,
  variablesOf,
  WEB_URL,
  whole,
} from "./variable.ts";

const storage = variablesOf("Recording storage");

/** The variables of the storage of recordings and of their sources. */
export const STORAGE_VARIABLES = {
  STORAGE_DRIVER: storage("Storage of recordings: local (a folder) or s3.", oneOf(["local", "s3"], "local")),
  STORAGE_PATH: storage("Folder of the local driver.", z.string().prefault(".call-ledger/recordings")),
  STORAGE_LOCAL_DURABLE: storage(
    "true: the folder outlives a deployment, so the local driver is allowed in production.",
    oneOf(["true", "false"], "false").transform((word) => word === "true"),
  ),
  S3_ENDPOINT: storage(
    "URL of the S3 service (Supabase Storage, R2, AWS, MinIO), for the s3 driver.",
    optional(WEB_URL),
  ),
  S3_REGION: storage("Region of the S3 service.", z.string().prefault("auto")),
  S3_BUCKET: storage("Bucket of the recordings.", optional(z.string())),
  S3_ACCESS_KEY_ID: storage("Access key of the S3 service.", optional(z.string()), { secret: true }),
  S3_SECRET_ACCESS_KEY: storage("Secret key of the S3 service.", optional(z.string()), { secret: true }),
  RECORDING_HOSTS: storage(
    "Hosts from which recordings may be fetched beside the providers' own, separated by commas; *.example.com is every host below example.com.",
    anyOf(HOST_RULE, "host names or *.names"),
  ),
  RECORDING_TEST_HOSTS: storage(
    "For tests: host:port pairs from which recordings may be fetched at any address; refused in production.",
    anyOf(HOST_AND_PORT, "host:port pairs"),
  ),
  RECORDING_MIN_KB_PER_SECOND: storage(
    "Min average speed of a source in kilobytes a second after the first 30 s, 0 to 100000. A slower source is tried again later.",
    whole(0, 100_000, 16),
  ),
  RECORDING_CHANNELS: storage(
    "Channels of recordings to keep, separated by commas: mono, stereo, customer, assistant. If a call has none of them, its other channels are kept.",
    listOf(/^(?:mono|stereo|customer|assistant)$/, "mono, stereo, customer or assistant", "mono"),
  ),
};
