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

/** Where recordings come from and where they are kept. */
export const STORAGE_VARIABLES = {
  STORAGE_DRIVER: variable(
    { group: STORAGE, about: "Where recordings are kept: local (a folder) or s3.", example: "local" },
    oneOf(["local", "s3"], "local"),
  ),
  STORAGE_PATH: variable(
    { group: STORAGE, about: "Folder of the local driver.", example: ".call-ledger/recordings" },
    z.string().prefault(".call-ledger/recordings"),
  ),
  STORAGE_LOCAL_DURABLE: variable(
    {
      group: STORAGE,
      about: "true: the folder outlives a deployment, so that the local driver may be used in production.",
      example: "false",
    },
    oneOf(["true", "false"], "false").transform((word) => word === "true"),
  ),
  S3_ENDPOINT: variable(
    {
      group: STORAGE,
      about: "URL of the S3 service (Supabase Storage, R2, AWS, MinIO); with the s3 driver.",
    },
    optional(WEB_URL),
  ),
  S3_REGION: variable(
    { group: STORAGE, about: "Region of the S3 service.", example: "auto" },
    z.string().prefault("auto"),
  ),
  S3_BUCKET: variable({ group: STORAGE, about: "Bucket that recordings are kept in." }, optional(z.string())),
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
        "Hosts that recordings may be fetched from beside the providers' own, separated by commas; *.example.com is every host below example.com.",
    },
    anyOf(HOST_RULE, "host names or *.names"),
  ),
  RECORDING_TEST_HOSTS: variable(
    {
      group: STORAGE,
      about:
        "For tests: host:port pairs that recordings may be fetched from whatever their address is; refused in production.",
    },
    anyOf(HOST_AND_PORT, "host:port pairs"),
  ),
  RECORDING_MIN_KB_PER_SECOND: variable(
    {
      group: STORAGE,
      about:
        "Kilobytes a second that a source has to send on average after 30 s, 0 to 100000; a slower one is tried again later.",
      example: "16",
    },
    whole(0, 100_000, 16),
  ),
  RECORDING_CHANNELS: variable(
    {
      group: STORAGE,
      about:
        "Channels that are kept, separated by commas: mono, stereo, customer, assistant. If a call has none of them, its others are kept.",
      example: "mono",
    },
    listOf(/^(?:mono|stereo|customer|assistant)$/, "mono, stereo, customer or assistant", "mono"),
  ),
};
