import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { listenToCalls } from "../../api/call-stream.ts";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";

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
  useEffect(() => {
    const readAgain = (): void => void client.invalidateQueries({ queryKey: callKey(id) });
    return listenToCalls({
      changed: (change) => {
        if (change.id === id || change.id === ourId) readAgain();
      },
      reset: readAgain,
    });
  }, [client, id, ourId]);
  return call;
}
