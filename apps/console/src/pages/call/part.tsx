import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay } from "../../app/session.tsx";
import { ShowLink, useMark } from "../../app/shown.tsx";
import { Badge } from "../../components/badge.tsx";
import styles from "./call.module.css";

/** The names that a URL has for the costs, and for a line of the conversation, with its place in the list. */
export const COSTS = "costs";
/** The name that a URL has for the delivery of the provider's report. */
export const REPORT = "report";
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
