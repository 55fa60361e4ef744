import type { Delivery } from "@call-ledger/contract/operations";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { request } from "../../api/client.ts";
import { openEventStream } from "../../api/event-stream.ts";
import { ME_KEY } from "../../app/session.tsx";

const KEY = ["deliveries"] as const;

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
  const queries = useQueryClient();
  const first = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => request("GET", "/deliveries", { query: { limit: MAX_SHOWN }, signal }),
    refetchOnMount: "always",
  });
  const [come, setCome] = useState<readonly Delivery[]>([]);
  const [waiting, setWaiting] = useState(0);
  const held = useRef<Delivery[]>([]);
  const paused = useRef(isPaused);
  paused.current = isPaused;
  useEffect(() => {
    let came = 0;
    let isBehind = false;
    const close = openEventStream({
      path: "/deliveries/stream",
      on: {
        delivery(data) {
          came += 1;
          held.current = [JSON.parse(data), ...held.current].slice(0, MAX_SHOWN);
        },
      },
      onOpen() {
        isBehind = true;
      },
      onRefused: () => void queries.invalidateQueries({ queryKey: ME_KEY }),
    });
    const timer = setInterval(() => {
      setWaiting(paused.current ? came : 0);
      if (paused.current) return;
      if (isBehind) void queries.invalidateQueries({ queryKey: KEY });
      isBehind = false;
      came = 0;
      if (held.current.length === 0) return;
      const fresh = held.current;
      held.current = [];
      setCome((before) => [...fresh, ...before].slice(0, MAX_SHOWN));
    }, GATHER_MS);
    return () => {
      close();
      clearInterval(timer);
    };
  }, [queries]);
  const known = new Set(come.map(({ id }) => id));
  const older = (first.data?.data ?? []).filter(({ id }) => !known.has(id));
  const deliveries = [...come, ...older].slice(0, MAX_SHOWN);
  const { isPending, error, refetch } = first;
  return { deliveries, waiting, isPending, error, retry: () => void refetch() };
}
