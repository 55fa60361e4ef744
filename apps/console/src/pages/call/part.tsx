import { Link, useRouterState, useSearch } from "@tanstack/react-router";
import type { ReactNode, RefObject } from "react";
import { useEffect, useRef } from "react";
import { useMay } from "../../app/session.tsx";
import { ShowLink } from "../../app/shown.tsx";
import { Badge } from "../../components/badge.tsx";
import styles from "./call.module.css";

/** The names that a URL has for the costs, and for a line of the conversation, with its place in the list. */
export const COSTS = "costs";
export const lineName = (index: number): string => `line-${index}`;

/** One part of a call's details, with its heading. `name`: the URL can name it, and the page then goes to it. */
export function Part({ title, name, children }: { title: string; name?: string; children: ReactNode }) {
  const mark = useMark<HTMLElement>(name);
  return (
    <section className={styles.part} ref={mark} tabIndex={-1} aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** The ref of an element. If a link or the URL names it, the page scrolls to it, and it gets the focus. */
export function useMark<One extends HTMLElement>(name: string | undefined): RefObject<One | null> {
  const element = useRef<One>(null);
  const { show } = useSearch({ strict: false });
  const isShown = name !== undefined && show === name;
  const visit = useRouterState({ select: ({ location }) => location.state.__TSR_key });
  useEffect(() => {
    if (!isShown || visit === null) return;
    element.current?.scrollIntoView({ block: "center" });
    element.current?.focus({ preventScroll: true });
  }, [isShown, visit]);
  return element;
}

/** A number of a call that leads to the part of the call behind it, if the signed-in person may see that part. */
export function PartLink({ tab, show, children }: { tab: string; show?: string; children: ReactNode }) {
  const mayRead = useMay("calls:details");
  if (!mayRead) return children;
  return (
    <ShowLink tab={tab} show={show}>
      {children}
    </ShowLink>
  );
}

/** A tag. It links to the calls that have it. */
export function Tag({ name }: { name: string }) {
  return (
    <Link to="/calls" search={{ tag: name }}>
      <Badge tone="blue" wraps>
        {name}
      </Badge>
    </Link>
  );
}
