export type { Alarm, Queryable, StoredReadings } from "./alarms.ts";
export { readAlarmReadings, settleAlarms, trimAlerts } from "./alarms.ts";
export type { AlertChannel } from "./channels.ts";
export type { AlarmNews, AlertVerdict, ClaimedAlert } from "./deliveries.ts";
export { claimAlerts, extendAlert, settleAlert } from "./deliveries.ts";
export type { DeliveryCount } from "./delivery-counts.ts";
export { countDeliveries } from "./delivery-counts.ts";
