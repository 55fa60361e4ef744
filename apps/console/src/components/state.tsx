import type { CSSProperties, ReactNode } from "react";
import { t } from "../text/text.ts";
import { useTitle } from "./page.tsx";
import styles from "./states.module.css";

/**
 * Shown instead of a list or a page that is empty, has failed, or may not be seen. `isPage`: nothing else is on the
 * page, so that the title is the page's.
 */
export function State({
  icon,
  title,
  actions,
  role,
  isPage = false,
  children,
}: {
  icon: ReactNode;
  title: string;
  actions?: ReactNode;
  role?: "alert" | "status";
  isPage?: boolean;
  children?: ReactNode;
}) {
  useTitle(isPage ? title : null);
  const Title = isPage ? "h1" : "h2";
  return (
    <div className={styles.state} role={role}>
      <span className={styles.icon}>{icon}</span>
      <Title>{title}</Title>
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
