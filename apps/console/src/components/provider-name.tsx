import { useQuery } from "@tanstack/react-query";
import { request } from "../api/client.ts";

/** The providers that the service knows; they change with a release only. */
export function useProviders() {
  return useQuery({
    queryKey: ["providers"],
    queryFn: ({ signal }) => request("GET", "/providers", { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** A provider's name as people write it. */
export function ProviderName({ provider }: { provider: string }) {
  const { data } = useProviders();
  return data?.data.find(({ name }) => name === provider)?.title ?? provider;
}
