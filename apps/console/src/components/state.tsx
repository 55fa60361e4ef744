import type { CSSProperties, ReactNode } from "react";
import { t } from "../text/text.ts";
import styles from "./states.module.css";

/** Shown instead of a list or a page that is empty, has failed, or may not be seen. */
export function State({
  icon,
  title,
  actions,
  role,
  children,
}: {
  icon: ReactNode;
  title: string;
  actions?: ReactNode;
  role?: "alert" | "status";
  children?: ReactNode;
}) {
  return (
    <div className={styles.state} role={role}>
      <span className={styles.icon}>{icon}</span>
      <h2>{title}</h2>
      {children}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}

/** A gray bar instead of a text that is being loaded. */
export function Skeleton({ width, height }: { width: CSSProperties["width"]; height?: number }) {
  return <span className={styles.skeleton} style={{ width, ...(height && { height }) }} aria-hidden />;
}

/** Shown instead of a table that is being loaded. */
export function TableSkeleton({ rows }: { rows: number }) {
  return (
    <div className={styles.rows} role="status" aria-label={t("common.loading")}>
      {Array.from({ length: rows }, (_, at) => (
        <Skeleton key={at} width={`${88 - ((at * 17) % 40)}%`} />
      ))}
    </div>
  );
}
