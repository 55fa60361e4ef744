import type { ReactNode } from "react";
import styles from "./badge.module.css";
import { classes } from "./classes.ts";
import type { Tone } from "./tone.ts";

/**
 * A word with a colour. The word has the whole meaning, without the colour too. `plain`: without a background. `wraps`:
 * for a text of any length, such as a tag.
 */
export function Badge({
  tone,
  dot = false,
  pulse = false,
  plain = false,
  wraps = false,
  title,
  children,
}: {
  tone: Tone;
  dot?: boolean;
  pulse?: boolean;
  plain?: boolean;
  wraps?: boolean;
  title?: string;
  children: ReactNode;
}) {
  return (
    <span
      className={classes(styles.badge, styles[tone], plain && styles.plain, wraps && styles.wraps)}
      title={title}
    >
      {dot && <span className={classes(styles.dot, pulse && styles.pulse)} />}
      {children}
    </span>
  );
}
