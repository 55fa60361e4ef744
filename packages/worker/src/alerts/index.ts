export { certificateDaysLeft } from "./certificate.job.ts";
export type { EvaluationPorts } from "./evaluate-alarms.ts";
export { evaluateAlarms } from "./evaluate-alarms.ts";
export type { AlertDeps, Alerts, AlertTiming } from "./start-alerts.ts";
export { startAlerts } from "./start-alerts.ts";
