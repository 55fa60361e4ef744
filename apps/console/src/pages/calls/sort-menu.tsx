import { useMay } from "../../app/session.tsx";
import { MenuCheck } from "../../components/menu.tsx";
import type { TextKey } from "../../text/text.ts";
import { t } from "../../text/text.ts";
import type { CallsSearch } from "./calls-search.ts";
import { FilterMenu } from "./filter-menu.tsx";

type Order = { readonly sort?: string; readonly order?: "asc"; readonly text: TextKey };

const ORDERS: readonly Order[] = [
  { text: "calls.newestFirst" },
  { order: "asc", text: "calls.oldestFirst" },
  { sort: "duration", text: "calls.longestFirst" },
  { sort: "duration", order: "asc", text: "calls.shortestFirst" },
  { sort: "cost", text: "calls.dearestFirst" },
  { sort: "cost", order: "asc", text: "calls.cheapestFirst" },
];

/** The order of the list, for screens without the headings that sort it. */
export function SortMenu({
  search,
  onChange,
}: {
  search: CallsSearch;
  onChange: (change: CallsSearch) => void;
}) {
  const seesCosts = useMay("costs:read");
  const isChosen = ({ sort, order }: Order) =>
    (search.sort ?? "start") === (sort ?? "start") && (search.order ?? "desc") === (order ?? "desc");
  const chosen = ORDERS.find(isChosen);
  const isDefault = chosen === undefined || chosen === ORDERS[0];
  return (
    <FilterMenu
      title={t("calls.sortFilter")}
      value={isDefault ? "" : t(chosen.text)}
      onClear={() => onChange({ sort: undefined, order: undefined })}
    >
      {ORDERS.filter(({ sort }) => seesCosts || sort !== "cost").map((one) => (
        <MenuCheck
          key={one.text}
          checked={one === chosen}
          onSelect={() => onChange({ sort: one.sort, order: one.order })}
        >
          {t(one.text)}
        </MenuCheck>
      ))}
    </FilterMenu>
  );
}
