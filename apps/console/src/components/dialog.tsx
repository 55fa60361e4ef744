import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { t } from "../text/text.ts";
import { Button, IconButton } from "./button.tsx";
import { classes } from "./classes.ts";
import styles from "./overlay.module.css";
import { ProblemNote } from "./problem.tsx";

/** A window over the page that the user must answer or close. */
export function Dialog({
  title,
  about,
  wide = false,
  onClose,
  children,
}: {
  title: string;
  about?: ReactNode;
  wide?: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  const described = about === undefined ? { "aria-describedby": undefined } : {};
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={styles.scrim} />
        <Radix.Content className={classes(styles.dialog, wide && styles.wide)} {...described}>
          <div className={styles.head}>
            <Radix.Title>{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton label={t("common.close")}>
                <X size={16} aria-hidden />
              </IconButton>
            </Radix.Close>
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
