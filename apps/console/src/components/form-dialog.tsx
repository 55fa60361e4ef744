import type { UseMutationResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiProblem } from "../api/problem.ts";
import { t } from "../text/text.ts";
import { Button } from "./button.tsx";
import { Dialog, DialogActions } from "./dialog.tsx";
import { ProblemNote } from "./problem.tsx";

/**
 * A dialog with a form that is sent by a mutation.
 * @param variables makes the mutation's variables from the form
 */
export function FormDialog<Variables>({
  title,
  about,
  action,
  mutation,
  variables,
  onClose,
  children,
}: {
  title: string;
  about?: ReactNode;
  /** The text of the button. */
  action: string;
  mutation: UseMutationResult<unknown, Error, Variables>;
  variables: (form: FormData) => Variables;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Dialog title={title} {...(about === undefined ? {} : { about })} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          mutation.mutate(variables(new FormData(event.currentTarget)));
        }}
      >
        {children}
        {mutation.error !== null && <ProblemNote error={mutation.error} />}
        <DialogActions>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" look="primary" busy={mutation.isPending}>
            {action}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** The trimmed text of a field; `null`: it is empty. */
export function textIn(form: FormData, name: string): string | null {
  const value = form.get(name);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}

/** The fault of a field in the body of a failed mutation; `undefined`: it has none. */
export function faultOf(error: Error | null, field: string): string | undefined {
  return error instanceof ApiProblem ? error.fields.get(`body.${field}`) : undefined;
}
