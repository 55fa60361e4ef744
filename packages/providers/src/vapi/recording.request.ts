import type { RecordingApi } from "../common/provider.ts";
import { authorization, withoutSlash } from "./api.request.ts";

/** 14 days on the usual plan (docs.vapi.ai, data retention). */
const RETENTION_MS = 14 * 24 * 3_600_000;

/** The bucket since July 2026, and the earlier ones. */
const HOSTS = [
  "*.r2.cloudflarestorage.com",
  "storage.vapi.ai",
  "auth.vapi.ai",
  "vapi-public.s3.amazonaws.com",
];

/** The request `GET /call/:id/<channel>-recording` with the private key (docs.vapi.ai, retrieve call artifacts). */
export const vapiRecordings: RecordingApi = {
  hosts: HOSTS,
  retentionMs: RETENTION_MS,
  switchedOnBy:
    'Set "artifactPlan": {"recordingEnabled": true} in the assistant. An assistant or an override that is sent with a call needs it too, because the recording plan of the dashboard does not hold for it.',
  requestOf({ baseUrl, apiKey }, { providerCallId, channel }) {
    const call = encodeURIComponent(providerCallId);
    return {
      url: `${withoutSlash(baseUrl)}/call/${call}/${channel}-recording`,
      headers: authorization(apiKey),
    };
  },
};
