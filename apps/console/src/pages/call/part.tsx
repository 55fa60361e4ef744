import { Link } from "@tanstack/react-router";
import { Badge } from "../../components/badge.tsx";
import styles from "./call.module.css";

/** One part of a call's details, with its heading. */
export function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className={styles.part}>
      <h3>{title}</h3>
      {children}
    </section>
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
