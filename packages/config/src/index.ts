export { envExample } from "./env-example.ts";
export type { Config } from "./environment.schema.ts";
export type { ConfigProblem, ConfigResult, Environment } from "./load-config.ts";
export { loadConfig, loadServerConfig } from "./load-config.ts";
export { processEnv } from "./process-env.ts";
export type { PrintableConfig } from "./redact-config.ts";
export { redactConfig } from "./redact-config.ts";
export { HOST_RULE, MIN_WEBHOOK_SECRET_LENGTH } from "./variable.ts";
