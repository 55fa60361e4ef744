import { z } from "zod";
import type { Provider } from "../common/provider.ts";

/** The validated variables. A worker has none of those that verify deliveries. */
const CONFIG = z.object({
  VAPI_WEBHOOK_SECRET: z.array(z.string()).default([]),
  VAPI_WEBHOOK_AUTH: z.string().optional(),
  VAPI_API_KEY: z.string().nullable(),
  VAPI_API_URL: z.string(),
});

export type VapiConfig = Readonly<z.input<typeof CONFIG>>;

/** The platform's account at Vapi. Throws a ZodError for a configuration that `packages/config` did not validate. */
export const vapiPlatform: Provider["platform"] = {
  variables: ["VAPI_WEBHOOK_SECRET", "VAPI_WEBHOOK_AUTH"],
  apiKeyVariable: "VAPI_API_KEY",
  apiUrlVariable: "VAPI_API_URL",
  accountIn(config) {
    const read = CONFIG.parse(config);
    return {
      webhookSecrets: read.VAPI_WEBHOOK_SECRET,
      verification: { auth: read.VAPI_WEBHOOK_AUTH },
      apiKey: read.VAPI_API_KEY,
      apiUrl: read.VAPI_API_URL,
    };
  },
};
