import type { Administration, AuditEntry, Organization } from "@call-ledger/db/access";
import { changeOrganization, findOrganization, listAudit } from "@call-ledger/db/access";
import type { Reader } from "@call-ledger/db/read";
import { readCallNames } from "@call-ledger/db/read";
import { isTimeZone } from "@call-ledger/domain";
import { reading } from "../ledger-reading.ts";
import { ApiProblem } from "../mount/api-problem.ts";
import type { Handlers } from "../mount/handler.ts";
import { queryForRequest } from "../query-for-request.ts";
import type { Refusals } from "../refusals.ts";
import { badField, refusable } from "../refusals.ts";

const UNKNOWN_ZONE = "is not a time zone. Use a name of the IANA time zone database, such as Europe/Vienna.";

/** The answers to what the database may refuse in a changed organization. */
const ZONE_REFUSALS: Refusals = {
  "22023": { code: "bad_request", field: "body.time_zone", detail: UNKNOWN_ZONE },
};

/** Throws ApiProblem if the name is not a time zone. */
export function refuseUnknownZone(name: string | undefined): void {
  if (name !== undefined && !isTimeZone(name)) throw badField("body.time_zone", UNKNOWN_ZONE);
}

/** The days for which the service keeps payloads and events. */
export type Retention = { readonly payload_days: number; readonly event_days: number };

/** Handlers for the organization itself, its audit and the installation's. */
export function organizationHandlers(
  administration: Administration,
  reader: Reader,
  retention: Retention,
): Pick<Handlers, "getOrganization" | "changeOrganization" | "listAudit" | "listInstallationAudit"> {
  const found = async (orgId: string) => {
    const organization = await reading(() => administration.as(orgId, (db) => findOrganization(db, orgId)));
    if (organization === null) throw new ApiProblem("not_found");
    return { ...organizationView(organization), retention };
  };
  return {
    getOrganization: ({ caller: { orgId } }) => found(orgId),
    async changeOrganization({ caller: { orgId, actor }, body }) {
      refuseUnknownZone(body.time_zone);
      const change = { name: body.name, timeZone: body.time_zone };
      await refusable(ZONE_REFUSALS, () =>
        reading(() => administration.as(orgId, (db) => changeOrganization(db, { orgId, actor }, change))),
      );
      return found(orgId);
    },
    async listAudit({ caller: { orgId }, query }) {
      const page = await auditPage(administration, orgId, query);
      const ids = page.data.flatMap(({ object: { kind, id } }) => (kind === "call" && id !== null ? id : []));
      const names = await queryForRequest(() => reader.as(orgId, (db) => readCallNames(db, orgId, ids)));
      const named = ({ object, ...entry }: (typeof page.data)[number]) => ({
        ...entry,
        object: { ...object, name: object.name ?? names.get(object.id ?? "") ?? null },
      });
      return { ...page, data: page.data.map(named) };
    },
    listInstallationAudit: ({ query }) => auditPage(administration, null, query),
  };
}

async function auditPage(
  administration: Administration,
  orgId: string | null,
  query: Parameters<typeof listAudit>[2],
) {
  const { entries, nextCursor } = await queryForRequest(() => listAudit(administration, orgId, query));
  return { data: entries.map(entryView), next_cursor: nextCursor };
}

/** An organization as the contract describes it. */
export function organizationView({ id, name, timeZone, createdAt }: Organization) {
  return { id, name, time_zone: timeZone, created_at: createdAt.toISOString() };
}

function entryView({ id, at, actor, action, object, before, after }: AuditEntry) {
  return { id, at: at.toISOString(), actor, action, object, before, after };
}
