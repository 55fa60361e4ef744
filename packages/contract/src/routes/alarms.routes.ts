import * as alerts from "../alerts.contract.ts";
import type { Routes } from "../route.ts";
import { listOfAll, OPERATOR, withScope } from "./shared.ts";

export const ALARMS = {
  listAlarms: {
    method: "GET",
    path: "/alarms",
    summary: "List the organization's alarms, open and closed, newest first",
    tag: "Alarms",
    access: withScope("calls:read"),
    query: alerts.alarmListQuery,
    status: 200,
    response: alerts.alarmPageSchema,
    example: { query: { state: "open" } },
  },
  acknowledgeAlarm: {
    method: "POST",
    path: "/alarms/{alarm}/acknowledge",
    summary: "Acknowledge an alarm, so that its message is not repeated",
    tag: "Alarms",
    access: withScope("alerts:write"),
    status: 200,
    response: alerts.alarmSchema,
    problems: ["not_found", "conflict"],
  },
  muteAlarm: {
    method: "POST",
    path: "/alarms/{alarm}/mute",
    summary: "Mute an alarm, and the next one of its condition and scope, for a time",
    tag: "Alarms",
    access: withScope("alerts:write"),
    body: alerts.muteRequestSchema,
    status: 200,
    response: alerts.alarmSchema,
    problems: ["not_found"],
    example: { body: { for_hours: 12 } },
  },
  unmuteAlarm: {
    method: "DELETE",
    path: "/alarms/{alarm}/mute",
    summary: "Unmute an alarm",
    tag: "Alarms",
    access: withScope("alerts:write"),
    status: 204,
    response: null,
    problems: ["not_found"],
  },
  listAlertChannels: {
    method: "GET",
    path: "/alert-channels",
    summary: "List the channels that receive the organization's alarms, with the state of each",
    tag: "Alarms",
    access: withScope("alerts:write"),
    status: 200,
    response: listOfAll(alerts.alertChannelSchema),
  },
  createAlertChannel: {
    method: "POST",
    path: "/alert-channels",
    summary: "Add a channel that receives the organization's alarms",
    tag: "Alarms",
    access: withScope("alerts:write"),
    body: alerts.newAlertChannelSchema,
    status: 201,
    response: alerts.changedAlertChannelSchema,
    problems: ["conflict"],
    example: {
      body: {
        name: "On call",
        settings: { kind: "slack", url: "https://hooks.slack.com/services/T000/B000/XXXX" },
      },
    },
  },
  changeAlertChannel: {
    method: "PATCH",
    path: "/alert-channels/{channel}",
    summary: "Change a channel's name, or replace its settings",
    tag: "Alarms",
    access: withScope("alerts:write"),
    body: alerts.alertChannelChangeSchema,
    status: 200,
    response: alerts.changedAlertChannelSchema,
    problems: ["not_found", "conflict"],
    example: { body: { name: "Night shift" } },
  },
  removeAlertChannel: {
    method: "DELETE",
    path: "/alert-channels/{channel}",
    summary: "Remove a channel and its unsent messages",
    tag: "Alarms",
    access: withScope("alerts:write"),
    status: 204,
    response: null,
    problems: ["not_found"],
  },
  testAlertChannel: {
    method: "POST",
    path: "/alert-channels/{channel}/test",
    summary: "Send a test message through a channel",
    tag: "Alarms",
    access: withScope("alerts:write"),
    status: 202,
    response: alerts.testAlertSchema,
    problems: ["not_found"],
  },
} as const satisfies Routes;

const ofInstallation = { tag: "Operator", access: OPERATOR } as const;

/** The routes of the operator: alarms of the installation and of all organizations, and the operator's own channels. */
export const INSTALLATION_ALARMS = {
  listInstallationAlarms: {
    ...ALARMS.listAlarms,
    ...ofInstallation,
    path: "/installation/alarms",
    query: alerts.installationAlarmListQuery,
    summary: "List the alarms of the installation and of all organizations, newest first",
  },
  acknowledgeInstallationAlarm: {
    ...ALARMS.acknowledgeAlarm,
    ...ofInstallation,
    path: "/installation/alarms/{alarm}/acknowledge",
  },
  muteInstallationAlarm: {
    ...ALARMS.muteAlarm,
    ...ofInstallation,
    path: "/installation/alarms/{alarm}/mute",
  },
  unmuteInstallationAlarm: {
    ...ALARMS.unmuteAlarm,
    ...ofInstallation,
    path: "/installation/alarms/{alarm}/mute",
  },
  listInstallationChannels: {
    ...ALARMS.listAlertChannels,
    ...ofInstallation,
    path: "/installation/alert-channels",
    summary: "List the operator's channels, with the state of each",
  },
  createInstallationChannel: {
    ...ALARMS.createAlertChannel,
    ...ofInstallation,
    path: "/installation/alert-channels",
    summary: "Add a channel that receives every alarm",
  },
  changeInstallationChannel: {
    ...ALARMS.changeAlertChannel,
    ...ofInstallation,
    path: "/installation/alert-channels/{channel}",
  },
  removeInstallationChannel: {
    ...ALARMS.removeAlertChannel,
    ...ofInstallation,
    path: "/installation/alert-channels/{channel}",
  },
  testInstallationChannel: {
    ...ALARMS.testAlertChannel,
    ...ofInstallation,
    path: "/installation/alert-channels/{channel}/test",
  },
} as const satisfies Routes;
