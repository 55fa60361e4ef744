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
import states from "../../components/states.module.css";
import { showToast } from "../../components/toast.tsx";
import { t } from "../../text/text.ts";
import styles from "./call.module.css";
import { Part, Tag } from "./part.tsx";
import { callKey, useCall } from "./use-call.ts";

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

type Annotations = Pick<Call, "tags" | "note" | "external_ref" | "external_url">;

/**
 * Sends only what the user changed. If somebody else has changed the same field since the dialog was opened, it says so
 * first, and the next press replaces that.
 */
function NotesDialog({ call, onClose }: { call: Call; onClose: () => void }) {
  const [opened] = useState<Annotations>(call);
  const [known, setKnown] = useState<Annotations>(call);
  const [overtaken, setOvertaken] = useState<CallChange>({});
  const { refetch } = useCall(call.id);
  const save = useChange(
    callKey(call.id),
    (change: CallChange) => request("PATCH", "/calls/{call}", { params: { call: call.id }, body: change }),
    () => {
      showToast(t("common.saved"));
      onClose();
    },
  );
  return (
    <Dialog title={t("call.notes")} about={t("call.notesAbout")} onClose={onClose}>
      <form
        onSubmit={async (event) => {
          event.preventDefault();
          const change = changeIn(new FormData(event.currentTarget), opened);
          const { data: present = call } = await refetch();
          const others = Object.entries(changeBetween(present, known)).filter(([field]) => field in change);
          setOvertaken(Object.fromEntries(others));
          setKnown(present);
          if (others.length === 0) save.mutate(change);
        }}
      >
        <AnnotationFields opened={opened} error={save.error} />
        {Object.keys(overtaken).length > 0 && (
          <p role="alert" className={states.caution}>
            {t("call.overtaken")} {overtaken.note && <q>{overtaken.note}</q>}
          </p>
        )}
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

function AnnotationFields({ opened, error }: { opened: Annotations; error: Error | null }) {
  const fault = (field: string): string | undefined =>
    error instanceof ApiProblem ? error.fields.get(`body.${field}`) : undefined;
  return (
    <>
      <TextField
        label={t("call.tags")}
        name="tags"
        defaultValue={opened.tags.join(", ")}
        hint={t("call.tagsHint")}
        fault={fault("tags")}
      />
      <TextArea
        label={t("call.note")}
        name="note"
        rows={5}
        defaultValue={opened.note ?? ""}
        fault={fault("note")}
      />
      <TextField
        label={t("call.reference")}
        name="external_ref"
        defaultValue={opened.external_ref ?? ""}
        hint={t("call.referenceHint")}
        fault={fault("external_ref")}
      />
      <TextField
        label={t("call.referenceUrl")}
        name="external_url"
        type="url"
        placeholder="https://"
        defaultValue={opened.external_url ?? ""}
        fault={fault("external_url")}
      />
    </>
  );
}

/** Returns the fields of the form that differ from `base`. */
function changeIn(form: FormData, base: Annotations): CallChange {
  const text = (name: string): string | null => String(form.get(name) ?? "").trim() || null;
  const tags = String(form.get("tags") ?? "")
    .split(",")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");
  const typed = {
    tags: [...new Set(tags)],
    note: text("note"),
    external_ref: text("external_ref"),
    external_url: text("external_url"),
  };
  return changeBetween(typed, base);
}

function changeBetween(after: Annotations, before: Annotations): CallChange {
  const fields = ["tags", "note", "external_ref", "external_url"] as const;
  return Object.fromEntries(
    fields
      .filter((field) => JSON.stringify(after[field]) !== JSON.stringify(before[field]))
      .map((field) => [field, after[field]]),
  );
}
