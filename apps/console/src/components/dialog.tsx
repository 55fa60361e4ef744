import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useState } from "react";
import { t } from "../text/text.ts";
import { Button, IconButton } from "./button.tsx";
import { classes } from "./classes.ts";
import { focusAgain, focusField, openDialog, rememberOpener } from "./focus.ts";
import styles from "./overlay.module.css";
import { ProblemNote } from "./problem.tsx";

/**
 * A window over the page that the user must answer or close. Afterwards the focus is where it was before.
 * @param holds only a button of the content closes it: its content cannot be shown again
 */
export function Dialog({
  title,
  about,
  wide = false,
  holds = false,
  onClose,
  children,
}: {
  title: string;
  about?: ReactNode;
  wide?: boolean;
  holds?: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  const described = about === undefined ? { "aria-describedby": undefined } : {};
  const [opener] = useState(() => document.activeElement);
  const keepOpen = (event: Event): void => {
    if (holds) event.preventDefault();
  };
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={styles.scrim} />
        <Radix.Content
          ref={(content) => {
            if (content !== null) rememberOpener(content, opener);
          }}
          className={classes(styles.dialog, wide && styles.wide)}
          data-modal
          onEscapeKeyDown={keepOpen}
          onInteractOutside={keepOpen}
          onOpenAutoFocus={(event) => {
            if (event.target instanceof Element && focusField(event.target)) event.preventDefault();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            const other = openDialog();
            if (other === null || other.contains(opener)) focusAgain(opener);
          }}
          {...described}
        >
          <div className={styles.head}>
            <Radix.Title>{title}</Radix.Title>
            {!holds && (
              <Radix.Close asChild>
                <IconButton label={t("common.close")}>
                  <X size={16} aria-hidden />
                </IconButton>
              </Radix.Close>
            )}
          </div>
          {about !== undefined && (
            <Radix.Description className={styles.about} asChild>
              <div>{about}</div>
            </Radix.Description>
          )}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function DialogActions({ children }: { children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>;
}

/** Asks before something is destroyed; `about` names the thing. */
export function ConfirmDialog({
  title,
  about,
  action,
  busy,
  error,
  onConfirm,
  onClose,
}: {
  title: string;
  about: ReactNode;
  /** The text of the button, such as "Revoke the key". */
  action: string;
  busy: boolean;
  error: Error | null;
  onConfirm: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog title={title} about={about} onClose={onClose}>
      {error !== null && <ProblemNote error={error} />}
      <DialogActions>
        <Button onClick={onClose}>{t("common.cancel")}</Button>
        <Button look="dangerSolid" busy={busy} onClick={onConfirm}>
          {action}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
