import type { Problem, ProblemCode } from "@call-ledger/contract/values";
import { t } from "../text/text.ts";

/** An error answer of the API; without an answer `status` is 0. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly status: number;
  readonly code: ProblemCode | null;
  readonly title: string;
  readonly requestId: string | null;
  /** The fault of each wrong field, such as `body.email`. */
  readonly fields: ReadonlyMap<string, string>;

  constructor(status: number, document: Partial<Problem>, requestId: string | null) {
    super(document.detail ?? document.title ?? t("problem.unexpected", { status }));
    this.status = status;
    this.code = document.code ?? null;
    this.title = document.title ?? t("problem.title");
    this.requestId = document.request_id ?? requestId;
    this.fields = new Map((document.errors ?? []).map(({ field, detail }) => [field, detail]));
  }
}

/** The problem of a server that cannot be reached. */
export function unreachable(): ApiProblem {
  return new ApiProblem(0, { title: t("problem.offlineTitle"), detail: t("problem.offline") }, null);
}

/** Reads an error answer. If it is not a problem document, only its status is kept. */
export async function problemIn(response: Response): Promise<ApiProblem> {
  const requestId = response.headers.get("x-request-id");
  const document: unknown = await response.json().catch(() => null);
  const isObject = typeof document === "object" && document !== null;
  return new ApiProblem(response.status, isObject ? document : {}, requestId);
}

export function hasStatus(error: unknown, status: number): boolean {
  return error instanceof ApiProblem && error.status === status;
}
