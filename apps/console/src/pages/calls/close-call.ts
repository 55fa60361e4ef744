import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { useCallback, useRef } from "react";
import { CLOSED, callsSearch } from "./calls-search.ts";

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** The entry before this one is the list without an open call. */
    isCallOpened?: true;
  }
}

/**
 * Returns the function that closes the open call. If the call was opened from the list, it goes back to the list, so
 * that the browser has no second entry of the same list.
 */
export function useCloseCall(): () => void {
  const router = useRouter();
  const navigate = useNavigate({ from: "/calls" });
  const { call: open } = useSearch({ from: "/inside/calls" });
  const isClosing = useRef(false);
  if (open === undefined) isClosing.current = false;
  return useCallback(() => {
    const { search, state } = router.state.location;
    // Going back takes a moment, in which a second press must not go back once more.
    if (callsSearch(search).call === undefined || isClosing.current) return;
    if (state.isCallOpened) {
      isClosing.current = true;
      router.history.back();
    } else void navigate({ search: (now) => ({ ...now, ...CLOSED }), resetScroll: false, replace: true });
  }, [router, navigate]);
}
