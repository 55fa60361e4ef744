import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Search, X } from "lucide-react";
import { memo, useEffect, useRef, useState } from "react";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import { useKeys } from "../../app/keyboard.ts";
import { useMedia } from "../../app/media.ts";
import { useMay } from "../../app/session.tsx";
import { agentName } from "../../components/agent-name.ts";
import { Button, IconButton } from "../../components/button.tsx";
import { classes } from "../../components/classes.ts";
import { leaveFocus } from "../../components/focus.ts";
import { MenuCheck } from "../../components/menu.tsx";
import { useZone } from "../../components/zone.ts";
import type { TextKey } from "../../text/text.ts";
import { counted, t, word } from "../../text/text.ts";
import type { CallsSearch, ChoiceFilter } from "./calls-search.ts";
import { CLOSED, isFiltered, listIn, PERIODS, periodDays, toggled } from "./calls-search.ts";
import { ATTENTION, DIRECTIONS, OUTCOMES, PHASES, RECORDINGS } from "./choices.ts";
import { ClearFilter, FilterMenu } from "./filter-menu.tsx";
import styles from "./filters.module.css";
import { periodWords } from "./period-words.ts";
import { SortMenu } from "./sort-menu.tsx";

const CHOICE_FILTERS = [
  { name: "outcome", text: "calls.outcomeFilter", group: "outcome", choices: OUTCOMES },
  { name: "attention", text: "calls.attentionFilter", group: "attention", choices: ATTENTION },
  { name: "phase", text: "calls.phaseFilter", group: "phase", choices: PHASES },
  { name: "direction", text: "calls.directionFilter", group: "direction", choices: DIRECTIONS },
  { name: "recording_state", text: "calls.recordingFilter", group: "recording", choices: RECORDINGS },
] as const;

/** Search and filters; all of them are in the URL. */
export const FilterBar = memo(function FilterBar({ search }: { search: CallsSearch }) {
  const navigate = useNavigate({ from: "/calls" });
  const set: ChangeFilter = (change, replace = false) =>
    void navigate({ search: (now) => ({ ...now, ...change, ...CLOSED }), replace });
  const hasNoHeadings = useMedia("(max-width: 860px)");
  return (
    <div className={styles.bar}>
      <SearchField search={search} onChange={set} />
      <div className={styles.chips}>
        <PeriodFilter search={search} onChange={set} />
        <AgentFilter search={search} onChange={set} />
        {CHOICE_FILTERS.map((filter) => (
          <ChoiceMenu key={filter.name} {...filter} search={search} onChange={set} />
        ))}
        <GivenFilter name="report_state" text="calls.reportFilter" search={search} onChange={set} />
        <GivenFilter
          name="recording_deadline_within_hours"
          text="calls.deadlineFilter"
          search={search}
          onChange={set}
        />
        <GivenFilter name="tag" text="calls.tagFilter" search={search} onChange={set} />
        <GivenFilter name="external_ref" text="calls.refFilter" search={search} onChange={set} />
        {hasNoHeadings && <SortMenu search={search} onChange={set} />}
        {isFiltered(search) && (
          <Button
            ref={leaveFocus}
            look="quiet"
            onClick={() => void navigate({ search: ({ sort, order }) => ({ sort, order }) })}
          >
            {t("calls.clearFilters")}
          </Button>
        )}
      </div>
    </div>
  );
});

/** Each change is a step of the browser's Back. `replace`: it belongs to the step before it. */
type ChangeFilter = (change: CallsSearch, replace?: boolean) => void;
type FilterProps = { search: CallsSearch; onChange: ChangeFilter };

const TYPING_MS = 250;

function SearchField({ search, onChange }: FilterProps) {
  const mayReadWords = useMay("calls:details");
  const label = mayReadWords ? t("calls.search") : t("calls.searchNumbers");
  const field = useRef<HTMLInputElement>(null);
  const given = search.search ?? "";
  const [text, setText] = useState(given);
  // A search of the field's own may reach the URL while the person types on: it does not replace the text.
  const sent = useRef<readonly string[]>([]);
  // All that is typed while the field has the focus is one step.
  const hasStep = useRef(false);
  useEffect(() => {
    const at = sent.current.indexOf(given);
    sent.current = at === -1 ? [] : sent.current.slice(at + 1);
    if (at !== -1) return;
    hasStep.current = false;
    setText(given);
  }, [given]);
  useEffect(() => {
    if (text === given) return;
    const timer = setTimeout(() => {
      sent.current = [...sent.current, text];
      onChange({ search: text === "" ? undefined : text }, hasStep.current);
      hasStep.current = true;
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, given, onChange]);
  const clear = () => {
    setText("");
    onChange({ search: undefined });
  };
  useKeys({ "/": () => field.current?.focus() });
  return (
    <search className={styles.search}>
      <Search size={15} aria-hidden />
      <input
        ref={field}
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        onFocus={() => {
          hasStep.current = false;
        }}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && field.current?.blur()}
      />
      {text === "" ? (
        <kbd aria-hidden>/</kbd>
      ) : (
        <IconButton label={t("calls.clearSearch")} onClick={clear}>
          <X size={14} aria-hidden />
        </IconButton>
      )}
    </search>
  );
}

type Group = Parameters<typeof word>[0];

function ChoiceMenu({
  name,
  text,
  group,
  choices,
  search,
  onChange,
}: FilterProps & { name: ChoiceFilter; text: TextKey; group: Group; choices: readonly string[] }) {
  const chosen = listIn(search[name]);
  return (
    <FilterMenu
      title={t(text)}
      value={chosen.map((one) => word(group, one)).join(", ")}
      onClear={() => onChange({ [name]: undefined })}
    >
      {choices.map((choice) => (
        <MenuCheck
          key={choice}
          stays
          checked={chosen.includes(choice)}
          onSelect={() => onChange({ [name]: toggled(search[name], choice) })}
        >
          {word(group, choice)}
        </MenuCheck>
      ))}
    </FilterMenu>
  );
}

function AgentFilter({ search, onChange }: FilterProps) {
  const mayList = useMay("agents:read");
  const agents = useQuery({
    queryKey: ["agents", chosenOrganization()],
    queryFn: ({ signal }) => request("GET", "/agents", { signal }),
    enabled: mayList,
    staleTime: 60_000,
  });
  const list = agents.data?.data ?? [];
  // While it loads it has its place, so that the other filters stay in theirs.
  if (list.length === 0 && !agents.isLoading && search.agent === undefined) return null;
  const chosen = listIn(search.agent);
  const names = new Map([
    ...list.map((agent) => [agent.id, agentName(agent)] as const),
    ["none", t("calls.noAgent")],
  ]);
  return (
    <FilterMenu
      title={t("calls.agentFilter")}
      value={chosen.map((id) => names.get(id) ?? agentName({ id, name: null })).join(", ")}
      onClear={() => onChange({ agent: undefined })}
    >
      {[...names].map(([id, name]) => (
        <MenuCheck
          key={id}
          stays
          checked={chosen.includes(id)}
          onSelect={() => onChange({ agent: toggled(search.agent, id) })}
        >
          {name}
        </MenuCheck>
      ))}
    </FilterMenu>
  );
}

const PERIOD_TEXTS = {
  today: "calls.periodToday",
  yesterday: "calls.periodYesterday",
  "7": "calls.period7",
  "30": "calls.period30",
  month: "calls.periodMonth",
  last_month: "calls.periodLastMonth",
} as const;

function PeriodFilter({ search: { from, to }, onChange }: FilterProps) {
  const zone = useZone();
  const periods = PERIODS.map((period) => ({ period, ...periodDays(period, zone) }));
  const chosen = periods.find((one) => one.from === from && one.to === to);
  const value = chosen === undefined ? periodWords(from, to) : t(PERIOD_TEXTS[chosen.period]);
  return (
    <FilterMenu
      title={t("calls.periodFilter")}
      value={value}
      onClear={() => onChange({ from: undefined, to: undefined })}
    >
      {periods.map((one) => (
        <MenuCheck
          key={one.period}
          checked={one === chosen}
          onSelect={() => onChange({ from: one.from, to: one.to })}
        >
          {t(PERIOD_TEXTS[one.period])}
        </MenuCheck>
      ))}
    </FilterMenu>
  );
}

/** A filter that a link has set. The user can only remove it. */
function GivenFilter({
  name,
  text,
  search,
  onChange,
}: FilterProps & {
  name: "report_state" | "recording_deadline_within_hours" | "tag" | "external_ref";
  text: TextKey;
}) {
  const value = search[name];
  if (value === undefined) return null;
  return (
    <span className={classes(styles.chip, styles.set)}>
      <span className={styles.plain}>
        {t(text)}: <b>{givenWords(name, value)}</b>
      </span>
      <ClearFilter title={t(text)} onClear={() => onChange({ [name]: undefined })} />
    </span>
  );
}

function givenWords(name: string, value: string): string {
  if (name === "report_state") return word("report", value);
  if (name === "recording_deadline_within_hours") return counted("calls.withinHours", Number(value));
  return value;
}
