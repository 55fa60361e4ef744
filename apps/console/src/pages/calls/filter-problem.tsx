import { useNavigate } from "@tanstack/react-router";
import { FilterX } from "lucide-react";
import { ApiProblem } from "../../api/problem.ts";
import { Button } from "../../components/button.tsx";
import { ProblemState } from "../../components/problem.tsx";
import { State } from "../../components/state.tsx";
import type { TextKey } from "../../text/text.ts";
import { counted, t } from "../../text/text.ts";
import type { CallsSearch } from "./calls-search.ts";

type FilterName = Exclude<keyof CallsSearch, "call">;

const TEXTS: Readonly<Record<FilterName, TextKey>> = {
  search: "calls.searchFilter",
  agent: "calls.agentFilter",
  outcome: "calls.outcomeFilter",
  phase: "calls.phaseFilter",
  direction: "calls.directionFilter",
  attention: "calls.attentionFilter",
  recording_state: "calls.recordingFilter",
  recording_deadline_within_hours: "calls.deadlineFilter",
  report_state: "calls.reportFilter",
  tag: "calls.tagFilter",
  external_ref: "calls.refFilter",
  from: "calls.periodFilter",
  to: "calls.periodFilter",
  sort: "calls.sortFilter",
  order: "calls.sortFilter",
};

/** In place of the list: what of the address the API does not take, with the way to remove it; else the problem. */
export function FilterProblem({
  error,
  search,
  onRetry,
}: {
  error: Error;
  search: CallsSearch;
  onRetry: () => void;
}) {
  const navigate = useNavigate({ from: "/calls" });
  const set = (search: Partial<CallsSearch>) =>
    void navigate({ search: (now) => ({ ...now, ...search }), replace: true });
  const wrong = error instanceof ApiProblem ? filtersIn(error, search) : [];
  if (wrong.length === 0) return <ProblemState error={error} onRetry={onRetry} />;
  const without = Object.fromEntries(wrong.map((name) => [name, undefined]));
  return (
    <State
      role="alert"
      icon={<FilterX size={18} aria-hidden />}
      title={counted("calls.badFilterTitle", wrong.length)}
      actions={<Button onClick={() => set(without)}>{counted("calls.badFilterRemove", wrong.length)}</Button>}
    >
      {wrong.map((name) => (
        <p key={name}>{t("calls.badFilter", { name: t(TEXTS[name]), value: search[name] ?? "" })}</p>
      ))}
    </State>
  );
}

/** The filters that the fields of a problem are about; what is searched for is a number or words to the API. */
function filtersIn({ fields }: ApiProblem, search: CallsSearch): readonly FilterName[] {
  const faulty = [...fields.keys()].map((field) => /^query\.(\w+)/.exec(field)?.[1] ?? "");
  const names = faulty.map((name) => (name === "q" || name === "number" ? "search" : name));
  return (Object.keys(TEXTS) as FilterName[]).filter(
    (name) => names.includes(name) && search[name] !== undefined,
  );
}
