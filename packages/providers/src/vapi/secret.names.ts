import { judgeNames, remembering } from "../common/secret-names.ts";

/** Vapi's copy of the number's Twilio account, the live control of a running call, and presigned URLs. */
export const VAPI_SECRET_NAMES = [
  "^twilio(?:AccountSid|AuthToken|ApiKey|ApiSecret)$",
  "^(?:control|listen)Url$",
  "^presigned\\w*Urls?$",
];

export const removalUnder = remembering(judgeNames(VAPI_SECRET_NAMES));
