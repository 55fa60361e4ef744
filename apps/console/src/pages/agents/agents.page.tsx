import type { Agent } from "@call-ledger/contract/people";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Bot, Plus } from "lucide-react";
import { useState } from "react";
import { request } from "../../api/client.ts";
import { agentName } from "../../components/agent-name.ts";
import { Button } from "../../components/button.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { Card, endCell, lineCell, Page, Table } from "../../components/page.tsx";
import { State } from "../../components/state.tsx";
import states from "../../components/states.module.css";
import { Time } from "../../components/time.tsx";
import { phoneNumber } from "../../format/numbers.ts";
import { t } from "../../text/text.ts";
import { useAgentAccounts } from "./agent-accounts.ts";
import { AddDialog, agentsKey, ChangeDialog, RemoveDialog } from "./agent-dialogs.tsx";

type Open = { readonly dialog: "add" } | { readonly dialog: "change" | "remove"; readonly agent: Agent };

/**
 * The organization's agents. They decide which organization a delivery of the platform's account belongs to. The
 * address can name a number that an agent is to get.
 */
export function AgentsPage() {
  const key = agentsKey();
  const known = useAgentAccounts();
  const accounts = known ?? [];
  const agents = useQuery({ queryKey: key, queryFn: ({ signal }) => request("GET", "/agents", { signal }) });
  const [open, setOpen] = useState<Open>();
  const { number } = useSearch({ from: "/inside/agents" });
  const navigate = useNavigate({ from: "/agents" });
  const close = (): void => setOpen(undefined);
  const done = (): void => {
    close();
    if (number !== undefined) void navigate({ search: {}, replace: true });
  };
  const hasOwn = accounts.some((account) => !account.is_platforms);
  const about = hasOwn ? t("agents.own") : known?.length === 0 ? t("agents.operators") : "";
  return (
    <Page
      title={t("agents.title")}
      about={`${t("agents.about")} ${about}`}
      actions={
        accounts.length > 0 && (
          <Button look="primary" onClick={() => setOpen({ dialog: "add" })}>
            <Plus size={15} aria-hidden />
            {t("agents.add")}
          </Button>
        )
      }
    >
      {number !== undefined && (
        <p role="note" className={states.caution}>
          {t("agents.giving", { number: phoneNumber(number) })}
        </p>
      )}
      <Card flush>
        <Loaded query={agents}>
          {({ data }) =>
            data.length === 0 ? (
              <State icon={<Bot size={18} aria-hidden />} title={t("agents.emptyTitle")}>
                <p>{t("agents.empty")}</p>
              </State>
            ) : (
              <AgentTable agents={data} changeable={accounts.map(({ id }) => id)} onOpen={setOpen} />
            )
          }
        </Loaded>
      </Card>
      {open?.dialog === "add" && (
        <AddDialog accounts={accounts} number={number} onDone={done} onClose={close} />
      )}
      {open?.dialog === "change" && (
        <ChangeDialog agent={open.agent} number={number} onDone={done} onClose={close} />
      )}
      {open?.dialog === "remove" && <RemoveDialog agent={open.agent} onClose={close} />}
    </Page>
  );
}

function AgentTable({
  agents,
  changeable,
  onOpen,
}: {
  agents: readonly Agent[];
  /** The ids of the accounts whose agents the user may change. */
  changeable: readonly string[];
  onOpen: (open: Open) => void;
}) {
  return (
    <Table
      label={t("agents.title")}
      headings={[t("agents.name"), t("agents.providerId"), t("agents.number"), t("agents.lastCall"), ""]}
    >
      {agents.map((agent) => (
        <tr key={agent.id}>
          <td>
            <Link to="/calls" search={{ agent: agent.id }}>
              {agentName(agent)}
            </Link>
          </td>
          <td className={lineCell}>
            <code>{agent.provider_agent_id}</code>
          </td>
          <td className={lineCell}>{agent.phone_number === null ? "–" : phoneNumber(agent.phone_number)}</td>
          <td className={lineCell}>
            {agent.last_call_at === null ? (
              t("agents.noCall")
            ) : (
              <Time at={agent.last_call_at} form="relative" />
            )}
          </td>
          <td className={endCell}>
            {changeable.includes(agent.account_id) && agent.removed_at === null && (
              <>
                <Button look="quiet" onClick={() => onOpen({ dialog: "change", agent })}>
                  {t("members.change")}
                </Button>
                <Button look="quiet" onClick={() => onOpen({ dialog: "remove", agent })}>
                  {t("common.remove")}
                </Button>
              </>
            )}
            {agent.removed_at !== null && t("agents.removed")}
          </td>
        </tr>
      ))}
    </Table>
  );
}
