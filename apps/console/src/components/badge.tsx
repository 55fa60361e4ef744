import type { ReactNode } from "react";
import styles from "./badge.module.css";
import { classes } from "./classes.ts";
import type { Tone } from "./tone.ts";

/** A word with a colour. The word has the whole meaning, without the colour too. `plain`: without a background. */
export function Badge({
  tone,
  dot = false,
  pulse = false,
  plain = false,
  title,
  children,
}: {
  tone: Tone;
  dot?: boolean;
  pulse?: boolean;
  plain?: boolean;
  title?: string;
  children: ReactNode;
}) {
  return (
    <span className={classes(styles.badge, styles[tone], plain && styles.plain)} title={title}>
      {dot && <span className={classes(styles.dot, pulse && styles.pulse)} />}
      {children}
    </span>
  );
}
