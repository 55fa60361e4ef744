import { DbError } from "@call-ledger/db/errors";
import type { FieldFault } from "./mount/api-problem.ts";
import { ApiProblem } from "./mount/api-problem.ts";

/** What a constraint or an SQLSTATE that a request can break says to whoever broke it. */
export type Refusals = Readonly<Record<string, { readonly code: "conflict" | "bad_request" } & FieldFault>>;

/** Runs a change. Throws ApiProblem if what the database refuses is named in `refusals`, else what `change` throws. */
export async function refusable<T>(refusals: Refusals, change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof DbError)) throw error;
    const said = refusals[error.constraint ?? ""] ?? refusals[error.code];
    if (said === undefined) throw error;
    const { code, field, detail } = said;
    throw new ApiProblem(code, { detail, errors: [{ field, detail }] });
  }
}

/** A field whose value cannot be taken. */
export function badField(field: string, detail: string): ApiProblem {
  return new ApiProblem("bad_request", { detail: `${field}: ${detail}`, errors: [{ field, detail }] });
}
