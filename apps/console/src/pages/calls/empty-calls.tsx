import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { PhoneIncoming, SearchX } from "lucide-react";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import { useMay, useMe } from "../../app/session.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { leaveFocus } from "../../components/focus.ts";
import { State } from "../../components/state.tsx";
import { t } from "../../text/text.ts";
import type { CallsSearch } from "./calls-search.ts";
import { isFiltered } from "./calls-search.ts";
import { TestCallButton } from "./test-call-button.tsx";

/** Shown instead of an empty list: why it is empty, and what to do next. */
export function EmptyCalls({ search }: { search: CallsSearch }) {
  const navigate = useNavigate({ from: "/calls" });
  const { is_operator: isOperator } = useMe();
  const mayChangeAgents = useMay("agents:write");
  const hasAgent = useHasAgent();
  if (isFiltered(search)) {
    return (
      <State
        icon={<SearchX size={18} aria-hidden />}
        title={t("calls.filteredTitle")}
        actions={
          <Button ref={leaveFocus} onClick={() => void navigate({ search: {} })}>
            {t("calls.clearFilters")}
          </Button>
        }
      >
        <p>{t("calls.filtered")}</p>
      </State>
    );
  }
  return (
    <State
      icon={<PhoneIncoming size={18} aria-hidden />}
      title={t("calls.emptyTitle")}
      actions={
        <>
          {hasAgent === true && <TestCallButton primary />}
          {hasAgent === false && mayChangeAgents && (
            <Link to="/agents" className={buttonClass("primary")}>
              {t("agents.add")}
            </Link>
          )}
          {isOperator ? (
            <Link to="/operator/accounts" className={buttonClass()}>
              {t("calls.connect")}
            </Link>
          ) : (
            mayChangeAgents &&
            hasAgent !== false && (
              <Link to="/agents" className={buttonClass()}>
                {t("calls.seeAgents")}
              </Link>
            )
          )}
        </>
      }
    >
      <p>{t("calls.empty")}</p>
    </State>
  );
}

/** Whether a call could be booked for the organization; `undefined`: it is not known. */
function useHasAgent(): boolean | undefined {
  const mayList = useMay("agents:read");
  const agents = useQuery({
    queryKey: ["agents", chosenOrganization()],
    queryFn: ({ signal }) => request("GET", "/agents", { signal }),
    enabled: mayList,
  });
  return agents.data?.data.some(({ removed_at }) => removed_at === null);
}
