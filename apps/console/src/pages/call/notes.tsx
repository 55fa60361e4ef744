import type { Call, CallChange } from "@call-ledger/contract/calls";
import { Pencil } from "lucide-react";
import { useState } from "react";
import { request } from "../../api/client.ts";
import { ApiProblem } from "../../api/problem.ts";
import { useChange } from "../../api/use-change.ts";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { TextArea, TextField } from "../../components/form.tsx";
import { ProblemNote } from "../../components/problem.tsx";
import { showToast } from "../../components/toast.tsx";
import { t } from "../../text/text.ts";
import styles from "./call.module.css";
import { Part, Tag } from "./part.tsx";
import { callKey } from "./use-call.ts";

/** The annotations of a call: tags, a note, a reference to another system. */
export function CallNotes({ call, mayWrite }: { call: Call; mayWrite: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const isEmpty = call.tags.length === 0 && call.note === null;
  return (
    <Part title={t("call.notes")}>
      {call.tags.length > 0 && (
        <p className={styles.tags}>
          {call.tags.map((tag) => (
            <Tag key={tag} name={tag} />
          ))}
        </p>
      )}
      {call.note !== null && <p className={styles.note}>{call.note}</p>}
      {mayWrite && (
        <Button onClick={() => setOpen(true)}>
          <Pencil size={13} aria-hidden />
          {isEmpty ? t("call.addNote") : t("call.editNote")}
        </Button>
      )}
      {isOpen && <NotesDialog call={call} onClose={() => setOpen(false)} />}
    </Part>
  );
}

function NotesDialog({ call, onClose }: { call: Call; onClose: () => void }) {
  const save = useChange(
    callKey(call.id),
    (change: CallChange) => request("PATCH", "/calls/{call}", { params: { call: call.id }, body: change }),
    () => {
      showToast(t("common.saved"));
      onClose();
    },
  );
  const fault = (field: string): string | undefined =>
    save.error instanceof ApiProblem ? save.error.fields.get(`body.${field}`) : undefined;
  return (
    <Dialog title={t("call.notes")} about={t("call.notesAbout")} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(changeIn(new FormData(event.currentTarget)));
        }}
      >
        <TextField
          label={t("call.tags")}
          name="tags"
          defaultValue={call.tags.join(", ")}
          hint={t("call.tagsHint")}
          fault={fault("tags")}
        />
        <TextArea
          label={t("call.note")}
          name="note"
          rows={5}
          defaultValue={call.note ?? ""}
          fault={fault("note")}
        />
        <TextField
          label={t("call.reference")}
          name="external_ref"
          defaultValue={call.external_ref ?? ""}
          hint={t("call.referenceHint")}
          fault={fault("external_ref")}
        />
        <TextField
          label={t("call.referenceUrl")}
          name="external_url"
          type="url"
          placeholder="https://"
          defaultValue={call.external_url ?? ""}
          fault={fault("external_url")}
        />
        {save.error !== null && <ProblemNote error={save.error} />}
        <DialogActions>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" look="primary" busy={save.isPending}>
            {t("common.save")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function changeIn(form: FormData): CallChange {
  const text = (name: string): string | null => String(form.get(name) ?? "").trim() || null;
  const tags = String(form.get("tags") ?? "")
    .split(",")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");
  return {
    tags: [...new Set(tags)],
    note: text("note"),
    external_ref: text("external_ref"),
    external_url: text("external_url"),
  };
}
