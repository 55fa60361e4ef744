import { z } from "zod";
import { MIN_WEBHOOK_SECRET_LENGTH, oneOf, optional, variable, WEB_URL, webhookSecrets } from "./variable.ts";

const VAPI = "Vapi";

/** The variables of the platform's account at Vapi. */
export const VAPI_VARIABLES = {
  VAPI_WEBHOOK_SECRET: variable(
    {
      group: VAPI,
      about: "Secret with which Vapi signs deliveries; during a rotation two secrets, separated by a comma.",
      secret: true,
      minLengthInProduction: MIN_WEBHOOK_SECRET_LENGTH,
      requiredInProduction: true,
    },
    webhookSecrets(),
  ),
  VAPI_WEBHOOK_AUTH: variable(
    {
      group: VAPI,
      about:
        "Accepted proof of the secret in deliveries: any, hmac, secret (X-Vapi-Secret) or bearer (Authorization).",
      example: "any",
    },
    oneOf(["any", "hmac", "secret", "bearer"], "any"),
  ),
  VAPI_API_KEY: variable(
    { group: VAPI, about: "Private key of Vapi's REST API, for reconciliation.", secret: true },
    optional(z.string()),
  ),
  VAPI_API_URL: variable(
    { group: VAPI, about: "URL of Vapi's REST API.", example: "https://api.vapi.ai" },
    WEB_URL.prefault("https://api.vapi.ai"),
  ),
};
