import type { ComparedCall } from "@call-ledger/contract/completeness";
import { parametersNamed } from "../../app/search.ts";

type Reason = NonNullable<ComparedCall["lacked"] | ComparedCall["missing"]>;
type Part = "listed" | "ours" | "missing" | "repaired" | "gone" | "unlisted";

/** The number whose calls are shown: of which account and day, and which part of them. */
export type CompletenessSearch = {
  readonly account?: string;
  readonly day?: string;
  readonly part?: Part;
  readonly reason?: Reason;
};

/** The parameters of a URL's query that belong to the page. */
export const completenessSearch = parametersNamed<CompletenessSearch>("account", "day", "part", "reason");
