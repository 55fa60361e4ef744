/** The owner of the alarms on a page: one organization, or for the operator the whole installation. */
export type AlarmLevel = "organization" | "installation";

/** The page of the alarms of each owner. */
export const PAGE_OF = { organization: "/alarms", installation: "/operator/alarms" } as const;

/** The routes of both. Their inputs and answers have the same form. */
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
