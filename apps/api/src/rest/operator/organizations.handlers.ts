import type { Administration } from "@call-ledger/db/access";
import { addOrganization, listOrganizations, organizationsOfCall } from "@call-ledger/db/access";
import { reading } from "../ledger-reading.ts";
import type { Handlers } from "../mount/handler.ts";
import { organizationView, refuseUnknownZone } from "../organization/organization.handlers.ts";

/** Handlers for the organizations of the installation. */
export function organizationsHandlers(
  administration: Administration,
): Pick<Handlers, "listOrganizations" | "createOrganization" | "listOrganizationsOfCall"> {
  return {
    async listOrganizations() {
      const organizations = await reading(() => administration.asOperator(listOrganizations));
      return { data: organizations.map(organizationView) };
    },
    async listOrganizationsOfCall({ params: { call } }) {
      const found = await reading(() => administration.asOperator((db) => organizationsOfCall(db, call)));
      return { data: found.map(organizationView) };
    },
    async createOrganization({ body: { name, time_zone: timeZone }, caller: { actor } }) {
      refuseUnknownZone(timeZone);
      const added = await reading(() =>
        administration.asOperator((db) => addOrganization(db, actor, { name, timeZone })),
      );
      return organizationView(added);
    },
  };
}
