import { useQuery } from "@tanstack/react-query";
import { request } from "../../api/client.ts";
import { sharedValue } from "../../shared-value.ts";

export const KEY = ["accounts"] as const;
/** So that the line of the first delivery turns green while the user watches. */
export const REFRESH_MS = 2_000;

/** The accounts, read again and again. */
export function useAccounts() {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => request("GET", "/accounts", { signal }),
    refetchInterval: REFRESH_MS,
  });
}

/** The secret that was just made, which the API does not show again. It is in memory until the user has copied it. */
export const newSecret = sharedValue<{ readonly account: string; readonly secret: string } | null>(null);
