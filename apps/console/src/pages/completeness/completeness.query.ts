import type { Completeness } from "@call-ledger/contract/completeness";
import { queryOptions } from "@tanstack/react-query";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";

const REFRESH_MS = 60_000;

/** The query for the comparison with the providers' own lists, of the last 30 days. */
export function completenessQuery() {
  return queryOptions({
    queryKey: ["completeness", chosenOrganization()],
    queryFn: ({ signal }) => request("GET", "/completeness", { signal }),
    refetchInterval: REFRESH_MS,
  });
}

/** Whether the provider has calls of the day that the ledger lacks. */
export function isLackingCalls({ missing }: Completeness["accounts"][number]["days"][number]): boolean {
  return Object.keys(missing).length > 0;
}
