import type { LinkProps } from "@tanstack/react-router";
import { Link, useNavigate, useRouter, useRouterState, useSearch } from "@tanstack/react-router";
import type { ReactNode, RefObject } from "react";
import { useCallback, useEffect, useRef } from "react";

/**
 * What every page has in its URL beside its own parameters, so that it can be shared, survives a reload, and is closed
 * by the browser's Back. `show`: the one thing that is shown in a window over the page, or marked on it; a name that
 * the page knows. `tab`: the open part of a call.
 */
export type ShownSearch = { readonly show?: string | undefined; readonly tab?: string | undefined };

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** The entry before this one is the same page without what this one shows. */
    isShowing?: true;
  }
}

/** What the URL says that the page shows, and the function that hides it. */
export function useShown(): readonly [shown: string | undefined, hide: () => void] {
  const { show } = useSearch({ from: "/inside" });
  const router = useRouter();
  const navigate = useNavigate();
  const hidden = useRef<string>(undefined);
  const hide = useCallback(() => {
    const { href, state } = router.state.location;
    // Going back takes a moment, in which a second press must not go back once more.
    if (hidden.current === href) return;
    hidden.current = href;
    if (state.isShowing) router.history.back();
    else void navigate({ to: ".", search: (now) => ({ ...now, show: undefined }), replace: true });
  }, [router, navigate]);
  if (show === undefined) hidden.current = undefined;
  return [show, hide];
}

/** A link that shows something of the page: a window over it, a place on it, or a part of a call. */
export function ShowLink({
  show,
  tab,
  children,
  ...rest
}: {
  show?: string | undefined;
  tab?: string;
  className?: string | undefined;
  title?: string;
  "aria-label"?: string;
  children: ReactNode;
}) {
  const search = (now: ShownSearch): ShownSearch => ({ ...now, show, ...(tab === undefined ? {} : { tab }) });
  const place = { to: ".", search, state: { isShowing: true }, resetScroll: false } as LinkProps;
  return (
    <Link {...place} {...rest}>
      {children}
    </Link>
  );
}

/** The ref of an element. If a link or the URL names it, the page scrolls to it, and it gets the focus. */
export function useMark<One extends HTMLElement>(
  name: string | undefined,
  block: ScrollLogicalPosition = "center",
): RefObject<One | null> {
  const element = useRef<One>(null);
  const { show } = useSearch({ strict: false });
  const isShown = name !== undefined && show === name;
  const visit = useRouterState({ select: ({ location }) => location.state.__TSR_key });
  useEffect(() => {
    if (!isShown || visit === null) return;
    element.current?.scrollIntoView({ block });
    element.current?.focus({ preventScroll: true });
  }, [isShown, visit, block]);
  return element;
}
