import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import { useMe } from "../../app/session.tsx";
import type { AlarmLevel } from "./alarm-routes.ts";
import { ROUTES_OF } from "./alarm-routes.ts";

/** The service checks the conditions every 30 seconds. */
const REFRESH_MS = 15_000;
const MAX_OPEN = 100;

/** The key of all queries about alarms. A change makes all their results stale. */
export const alarmsKey = (level: AlarmLevel) => ["alarms", level, chosenOrganization()] as const;

/** Whose alarms the signed-in person gets: an operator gets those of the installation. */
export function useAlarmLevel(): AlarmLevel {
  return useMe().is_operator ? "installation" : "organization";
}

/** Reads the open alarms, newest first. */
export function useOpenAlarms(level: AlarmLevel) {
  return useQuery({
    queryKey: [...alarmsKey(level), "open"],
    queryFn: ({ signal }) =>
      request("GET", ROUTES_OF[level].alarms, { query: { state: "open", limit: MAX_OPEN }, signal }),
    refetchInterval: REFRESH_MS,
  });
}

/** Reads the open alarms that concern the organization whose calls are shown, newest first. */
export function useOpenAlarmsHere() {
  const alarms = useAlarmsHere();
  return useQuery({
    queryKey: [...alarms.key, "open here"],
    queryFn: ({ signal }) => alarms.read({ state: "open", limit: MAX_OPEN }, signal),
    refetchInterval: REFRESH_MS,
  });
}

/** Reads the newest alarms, open or over, that concern the organization whose calls are shown. */
export function useLatestAlarmsHere(limit: number) {
  const alarms = useAlarmsHere();
  return useQuery({
    queryKey: [...alarms.key, "latest here"],
    queryFn: ({ signal }) => alarms.read({ limit }, signal),
    refetchInterval: REFRESH_MS,
  });
}

/** An operator sees beside the organization's alarms those of the installation, and none of another organization. */
function useAlarmsHere() {
  const level = useAlarmLevel();
  const organization = useMe().organization?.id;
  return {
    key: alarmsKey(level),
    read: (query: { readonly state?: "open"; readonly limit: number }, signal: AbortSignal) =>
      level === "organization"
        ? request("GET", "/alarms", { query, signal })
        : request("GET", "/installation/alarms", {
            query: { ...query, for_organization: organization },
            signal,
          }),
  };
}

/** Reads the past alarms, page by page. */
export function usePastAlarms(level: AlarmLevel) {
  return useInfiniteQuery({
    queryKey: [...alarmsKey(level), "closed"],
    queryFn: ({ pageParam, signal }) =>
      request("GET", ROUTES_OF[level].alarms, {
        query: { state: "closed", limit: 20, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
}
