import type { ReactNode } from "react";
import { t } from "../text/text.ts";
import { Button } from "./button.tsx";
import { Copyable } from "./copy.tsx";
import { Dialog, DialogActions } from "./dialog.tsx";
import styles from "./form.module.css";

/** Shows a secret that the server sends only once. The user confirms the copy by closing it. */
export function ShownOnce({
  title,
  about,
  secret,
  onClose,
}: {
  title: string;
  about: ReactNode;
  secret: string;
  onClose: () => void;
}) {
  return (
    <Dialog title={title} about={about} holds onClose={onClose}>
      <p className={styles.once}>{t("common.shownOnce")}</p>
      <Copyable text={secret} autoFocus />
      <DialogActions>
        <Button look="primary" onClick={onClose}>
          {t("common.copiedIt")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
