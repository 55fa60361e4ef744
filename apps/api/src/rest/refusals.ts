import { DbError } from "@call-ledger/db/errors";
import type { FieldFault } from "./mount/api-problem.ts";
import { ApiProblem } from "./mount/api-problem.ts";

/** The answers to what the database refuses, by the name of a constraint or by an SQLSTATE. */
export type Refusals = Readonly<Record<string, { readonly code: "conflict" | "bad_request" } & FieldFault>>;

/**
 * Runs a change. Throws ApiProblem if the database refuses it for a reason in `refusals`, else the errors of `change`.
 */
export async function refusable<T>(refusals: Refusals, change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof DbError)) throw error;
    const refusal = refusals[error.constraint ?? ""] ?? refusals[error.code];
    if (refusal === undefined) throw error;
    const { code, field, detail } = refusal;
    throw new ApiProblem(code, { detail, errors: [{ field, detail }] });
  }
}

/** The answer to a field with an invalid value. `detail` continues the field's name: "is not a time zone." */
export function badField(field: string, detail: string): ApiProblem {
  return new ApiProblem("bad_request", { detail: `${field}: ${detail}`, errors: [{ field, detail }] });
}
