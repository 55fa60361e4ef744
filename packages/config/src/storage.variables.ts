import { z } from "zod";
import {
  anyOf,
  HOST_AND_PORT,
  HOST_RULE,
  listOf,
  oneOf,
  optional,
  variable,
  WEB_URL,
  whole,
} from "./variable.ts";

const STORAGE = "Recording storage";

/** The variables of the storage of recordings and of their sources. */
export const STORAGE_VARIABLES = {
  STORAGE_DRIVER: variable(
    { group: STORAGE, about: "Storage of recordings: local (a folder) or s3.", example: "local" },
    oneOf(["local", "s3"], "local"),
  ),
  STORAGE_PATH: variable(
    { group: STORAGE, about: "Folder of the local driver.", example: ".call-ledger/recordings" },
    z.string().prefault(".call-ledger/recordings"),
  ),
  STORAGE_LOCAL_DURABLE: variable(
    {
      group: STORAGE,
      about: "true: the folder outlives a deployment, so the local driver is allowed in production.",
      example: "false",
    },
    oneOf(["true", "false"], "false").transform((word) => word === "true"),
  ),
  S3_ENDPOINT: variable(
    {
      group: STORAGE,
      about: "URL of the S3 service (Supabase Storage, R2, AWS, MinIO), for the s3 driver.",
    },
    optional(WEB_URL),
  ),
  S3_REGION: variable(
    { group: STORAGE, about: "Region of the S3 service.", example: "auto" },
    z.string().prefault("auto"),
  ),
  S3_BUCKET: variable({ group: STORAGE, about: "Bucket of the recordings." }, optional(z.string())),
  S3_ACCESS_KEY_ID: variable(
    { group: STORAGE, about: "Access key of the S3 service.", secret: true },
    optional(z.string()),
  ),
  S3_SECRET_ACCESS_KEY: variable(
    { group: STORAGE, about: "Secret key of the S3 service.", secret: true },
    optional(z.string()),
  ),
  RECORDING_HOSTS: variable(
    {
      group: STORAGE,
      about:
        "Hosts from which recordings may be fetched beside the providers' own, separated by commas; *.example.com is every host below example.com.",
    },
    anyOf(HOST_RULE, "host names or *.names"),
  ),
  RECORDING_TEST_HOSTS: variable(
    {
      group: STORAGE,
      about:
        "For tests: host:port pairs from which recordings may be fetched at any address; refused in production.",
    },
    anyOf(HOST_AND_PORT, "host:port pairs"),
  ),
  RECORDING_MIN_KB_PER_SECOND: variable(
    {
      group: STORAGE,
      about:
        "Min average speed of a source in kilobytes a second after the first 30 s, 0 to 100000. A slower source is tried again later.",
      example: "16",
    },
    whole(0, 100_000, 16),
  ),
  RECORDING_CHANNELS: variable(
    {
      group: STORAGE,
      about:
        "Channels of recordings to keep, separated by commas: mono, stereo, customer, assistant. If a call has none of them, its other channels are kept.",
      example: "mono",
    },
    listOf(/^(?:mono|stereo|customer|assistant)$/, "mono, stereo, customer or assistant", "mono"),
  ),
};
