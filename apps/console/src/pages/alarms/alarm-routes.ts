/** Whose alarms a page shows: one organization's, or, for the operator, all of them. */
export type Whose = "organization" | "installation";

/** The routes of both; they take and answer the same. */
export const ROUTES_OF = {
  organization: {
    alarms: "/alarms",
    acknowledge: "/alarms/{alarm}/acknowledge",
    mute: "/alarms/{alarm}/mute",
    channels: "/alert-channels",
    channel: "/alert-channels/{channel}",
    test: "/alert-channels/{channel}/test",
  },
  installation: {
    alarms: "/installation/alarms",
    acknowledge: "/installation/alarms/{alarm}/acknowledge",
    mute: "/installation/alarms/{alarm}/mute",
    channels: "/installation/alert-channels",
    channel: "/installation/alert-channels/{channel}",
    test: "/installation/alert-channels/{channel}/test",
  },
} as const;
