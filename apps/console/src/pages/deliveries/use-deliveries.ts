import type { Delivery } from "@call-ledger/contract/operations";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { apiUrl, request } from "../../api/client.ts";

const MAX_SHOWN = 200;
/** Deliveries within this time are shown together. */
const GATHER_MS = 200;

/** The newest deliveries, kept up to date by their stream. While it is paused, new ones are only counted. */
export function useDeliveries(isPaused: boolean): {
  deliveries: readonly Delivery[];
  waiting: number;
  isPending: boolean;
  error: Error | null;
  retry: () => void;
} {
  const first = useQuery({
    queryKey: ["deliveries"],
    queryFn: ({ signal }) => request("GET", "/deliveries", { query: { limit: MAX_SHOWN }, signal }),
    refetchOnMount: "always",
  });
  const [come, setCome] = useState<readonly Delivery[]>([]);
  const [waiting, setWaiting] = useState(0);
  const held = useRef<Delivery[]>([]);
  const paused = useRef(isPaused);
  paused.current = isPaused;
  useEffect(() => {
    const source = new EventSource(apiUrl("/deliveries/stream", {}, {}));
    source.addEventListener("delivery", ({ data }) => held.current.unshift(JSON.parse(data)));
    const timer = setInterval(() => {
      held.current.length = Math.min(held.current.length, MAX_SHOWN);
      if (paused.current) return setWaiting(held.current.length);
      setWaiting(0);
      if (held.current.length === 0) return;
      const fresh = held.current;
      held.current = [];
      setCome((before) => [...fresh, ...before].slice(0, MAX_SHOWN));
    }, GATHER_MS);
    return () => {
      source.close();
      clearInterval(timer);
    };
  }, []);
  const known = new Set(come.map(({ id }) => id));
  const older = (first.data?.data ?? []).filter(({ id }) => !known.has(id));
  const deliveries = [...come, ...older].slice(0, MAX_SHOWN);
  const { isPending, error, refetch } = first;
  return { deliveries, waiting, isPending, error, retry: () => void refetch() };
}
