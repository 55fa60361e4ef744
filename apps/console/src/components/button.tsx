import type { ComponentProps, ReactNode } from "react";
import styles from "./button.module.css";
import { classes } from "./classes.ts";

type Look = "plain" | "primary" | "danger" | "dangerSolid" | "quiet";

/** Returns the classes of a button, for links that look like one. */
export function buttonClass(look: Look = "plain", extra?: string): string {
  return classes(styles.button, look !== "plain" && styles[look], extra);
}

/**
 * A button. `busy` prevents a second press, and tells screen readers. The button keeps the focus meanwhile. The second
 * press of a double click does nothing, because it may come before `busy` is drawn.
 */
export function Button({
  look = "plain",
  busy = false,
  className,
  type = "button",
  onClick,
  ...rest
}: ComponentProps<"button"> & { look?: Look; busy?: boolean }) {
  return (
    <button
      {...rest}
      type={type}
      className={buttonClass(look, className)}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={(event) => {
        if (busy || event.detail > 1) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}

/** A button with only an icon. `label` is its name for screen readers and its tooltip. */
export function IconButton({
  label,
  look = "quiet",
  className,
  children,
  ...rest
}: ComponentProps<"button"> & { label: string; look?: Look; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={buttonClass(look, classes(styles.icon, className))}
    >
      {children}
    </button>
  );
}
