import { z } from "zod";
import {
  MIN_WEBHOOK_SECRET_LENGTH,
  oneOf,
  optional,
  variablesOf,
  WEB_URL,
  webhookSecrets,
} from "./variable.ts";

const vapi = variablesOf("Vapi");

/** The variables of the platform's account at Vapi. */
export const VAPI_VARIABLES = {
  VAPI_WEBHOOK_SECRET: vapi(
    "Secret with which Vapi signs deliveries; during a rotation two secrets, separated by a comma.",
    webhookSecrets(),
    { secret: true, minLengthInProduction: MIN_WEBHOOK_SECRET_LENGTH, requiredInProduction: true },
  ),
  VAPI_WEBHOOK_AUTH: vapi(
    "Accepted proof of the secret in deliveries: any, hmac, secret (X-Vapi-Secret) or bearer (Authorization).",
    oneOf(["any", "hmac", "secret", "bearer"], "any"),
  ),
  VAPI_API_KEY: vapi("Private key of Vapi's REST API, for reconciliation.", optional(z.string()), {
    secret: true,
  }),
  VAPI_API_URL: vapi("URL of Vapi's REST API.", WEB_URL.prefault("https://api.vapi.ai")),
};
