import { oneOf, variablesOf, whole } from "./variable.ts";

const work = variablesOf("Background work and retention");

/** The variables of the background work, in the order of `.env.example`. */
export const WORK_VARIABLES = {
  WORKER: work(
    "inline: background work runs in the server's process; off: it runs in another process.",
    oneOf(["inline", "off"], "inline"),
  ),
  PAYLOAD_RETENTION_DAYS: work(
    "Days for which the payloads of deliveries are kept, 1 to 36500.",
    whole(1, 36_500, 30),
  ),
  EVENT_RETENTION_DAYS: work(
    "Days for which event ids are kept, 1 to 36500. A repetition is recognised for that time.",
    whole(1, 36_500, 400),
  ),
  OVERDUE_CONNECTION_MINUTES: work(
    "Minutes without an event after which a call that was not answered is marked as stuck, 1 to 43200.",
    whole(1, 43_200, 10),
  ),
  OVERDUE_END_MINUTES: work(
    "Minutes without an event after which a call in progress is marked as stuck; more than your longest call.",
    whole(1, 43_200, 35),
  ),
  OVERDUE_REPORT_MINUTES: work(
    "Minutes after the end of a call after which its report is marked as missing, 1 to 43200.",
    whole(1, 43_200, 15),
  ),
  RECONCILE_MINUTES: work(
    "Minutes between two comparisons of an account's calls with its provider's, 0 to 1440; 0: never. Needs the account's API key.",
    whole(0, 1_440, 5),
  ),
};
