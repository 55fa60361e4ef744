import type { ComponentProps, ReactNode } from "react";
import { useId } from "react";
import { classes } from "./classes.ts";
import styles from "./form.module.css";
import { faultSentence } from "./problem.tsx";

type FieldProps = { label: string; hint?: ReactNode; fault?: string | undefined };

/** A labelled field; `fault` describes the error in its value. */
function Field({ label, hint, fault, children }: FieldProps & { children: (ids: FieldIds) => ReactNode }) {
  const id = useId();
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ");
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      {children({
        id,
        ...(described === "" ? {} : { "aria-describedby": described }),
        ...(fault ? { "aria-invalid": true } : {}),
      })}
      {hint && (
        <span className={styles.hint} id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {fault && (
        <span className={styles.fault} id={`${id}-fault`}>
          {faultSentence(label, fault)}
        </span>
      )}
    </div>
  );
}

type FieldIds = { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean };

export function TextField({ label, hint, fault, className, ...input }: FieldProps & ComponentProps<"input">) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(ids) => <input {...input} {...ids} className={classes(styles.control, className)} />}
    </Field>
  );
}

export function TextArea({ label, hint, fault, ...input }: FieldProps & ComponentProps<"textarea">) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(ids) => <textarea {...input} {...ids} className={styles.control} />}
    </Field>
  );
}

export function SelectField({
  label,
  hint,
  fault,
  children,
  ...select
}: FieldProps & ComponentProps<"select">) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(ids) => (
        <select {...select} {...ids} className={styles.control}>
          {children}
        </select>
      )}
    </Field>
  );
}
