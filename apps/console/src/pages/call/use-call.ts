import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import { ANY_CALL, useGatheredChanges } from "../../api/gathered-changes.ts";

/** The key of all queries about one call. */
export function callKey(id: string): readonly unknown[] {
  return ["call", chosenOrganization(), id];
}

/** Reads a call with all its parts, and reads it again when it changes. */
export function useCall(id: string) {
  const client = useQueryClient();
  const call = useQuery({
    queryKey: callKey(id),
    queryFn: ({ signal }) => request("GET", "/calls/{call}", { params: { call: id }, signal }),
    // While the next call is being read, the previous one stays, dimmed, so that the page does not jump.
    placeholderData: keepPreviousData,
  });
  const ourId = call.data?.id;
  useGatheredChanges(async (changed) => {
    if (![id, ourId, ANY_CALL].some((one) => one !== undefined && changed.has(one))) return;
    await client.invalidateQueries({ queryKey: callKey(id) });
  });
  return call;
}
