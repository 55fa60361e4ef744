import { ALARMS, INSTALLATION_ALARMS } from "./routes/alarms.routes.ts";
import { CALLS } from "./routes/calls.routes.ts";
import { OPERATOR_ROUTES } from "./routes/operator.routes.ts";
import { ORGANIZATION } from "./routes/organization.routes.ts";
import { PEOPLE } from "./routes/people.routes.ts";
import { QUARANTINE } from "./routes/quarantine.routes.ts";

/** All routes of `/api/v1`, by operation id. */
export const ROUTES = {
  ...CALLS,
  ...PEOPLE,
  ...ORGANIZATION,
  ...OPERATOR_ROUTES,
  ...QUARANTINE,
  ...ALARMS,
  ...INSTALLATION_ALARMS,
} as const;

export type OperationId = keyof typeof ROUTES;
