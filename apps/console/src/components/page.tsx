import type { ReactNode } from "react";
import { useEffect } from "react";
import { t } from "../text/text.ts";
import { classes } from "./classes.ts";
import styles from "./page.module.css";

/** The frame of a page: its title (also the tab's), its purpose, its actions. */
export function Page({
  title,
  about,
  actions,
  children,
}: {
  title: string;
  about?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  useTitle(title);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div>
          <h1>{title}</h1>
          {about && <p className={styles.about}>{about}</p>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** Sets the title of the browser's tab. `null`: it stays as it is. */
export function useTitle(title: string | null): void {
  useEffect(() => {
    if (title !== null) document.title = `${title} · ${t("product")}`;
  }, [title]);
}

/**
 * What stands below a part that is being loaded. It is loaded meanwhile, and shown after it, so that it never moves
 * away from a pointer or an eye.
 */
export function Below({ isLoading, children }: { isLoading: boolean; children: ReactNode }) {
  return <div className={classes(styles.below, isLoading && styles.notYet)}>{children}</div>;
}

export function Card({
  title,
  actions,
  flush = false,
  children,
}: {
  title?: ReactNode;
  actions?: ReactNode;
  /** Without room around the content, for tables. */
  flush?: boolean;
  children: ReactNode;
}) {
  return (
    <section className={styles.card}>
      {title && (
        <div className={styles.cardHead}>
          <h2>{title}</h2>
          {actions}
        </div>
      )}
      <div className={flush ? styles.scroll : styles.cardBody}>{children}</div>
    </section>
  );
}

/** A plain table. Headings with `end` are right-aligned, and an empty heading is that of the actions. */
export function Table({
  label,
  headings,
  children,
}: {
  label: string;
  headings: readonly (string | { text: string; end: true })[];
  children: ReactNode;
}) {
  return (
    <table className={styles.table} style={headingVariables(headings)} aria-label={label}>
      <thead>
        <tr>
          {headings.map((heading) => {
            const [text, end] = typeof heading === "string" ? [heading, false] : [heading.text, true];
            return (
              <th key={text} scope="col" className={classes(end && styles.end)}>
                {text === "" ? <span className="visually-hidden">{t("common.actions")}</span> : text}
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

/**
 * CSS variables with the headings. On a narrow screen each cell has its own line with its heading (`page.module.css`).
 */
function headingVariables(headings: readonly (string | { text: string })[]): Record<string, string> {
  const texts = headings.map((heading) => (typeof heading === "string" ? heading : heading.text));
  return Object.fromEntries(
    texts.flatMap((text, at) => (text === "" ? [] : [[`--heading-${at + 1}`, JSON.stringify(text)]])),
  );
}

/** The class of a cell whose content is right-aligned. */
export const endCell = styles.end;

/** The class of a cell whose content is short and stays on one line, if there is room for two columns. */
export const lineCell = styles.line;

/** Names and values, such as those of a call. A fact without a value is left out. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={styles.facts}>
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "")
        .map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
