import { Link } from "@tanstack/react-router";
import { Badge } from "../../components/badge.tsx";
import styles from "./call.module.css";

/** One part of what is known of a call, under its name. */
export function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className={styles.part}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** A tag that leads to the calls which have it. */
export function Tag({ name }: { name: string }) {
  return (
    <Link to="/calls" search={{ tag: name }}>
      <Badge tone="blue">{name}</Badge>
    </Link>
  );
}
