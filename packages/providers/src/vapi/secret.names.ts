import type { OwnNames } from "../common/secret-names.ts";
import { judgeNames, remembering } from "../common/secret-names.ts";

export const VAPI_SECRET_NAMES: OwnNames = {
  secrets: [
    // Vapi's copy of the number's Twilio account.
    "^twilio(?:AccountSid|AuthToken|ApiKey|ApiSecret)$",
    // Everybody who knows one of these URLs can join the running call.
    "(?:control|listen|join|room|stream|call|web[-_]?socket\\w*)[-_]?Url$",
    "^callSipUri$",
  ],
  signedUrls: ["^presigned\\w*Urls?$"],
};

export const removalUnder = remembering(judgeNames(VAPI_SECRET_NAMES));
