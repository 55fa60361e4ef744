import type { Agent } from "@call-ledger/contract/people";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Bot, Plus } from "lucide-react";
import { useState } from "react";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import { useMay } from "../../app/session.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/dialog.tsx";
import { TextField } from "../../components/form.tsx";
import { FormDialog, faultOf, textIn } from "../../components/form-dialog.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { Card, endCell, Page, Table } from "../../components/page.tsx";
import { State } from "../../components/state.tsx";
import { Time } from "../../components/time.tsx";
import { showToast } from "../../components/toast.tsx";
import { phoneNumber } from "../../format/numbers.ts";
import { t } from "../../text/text.ts";

type Open = { readonly dialog: "add" } | { readonly dialog: "change" | "remove"; readonly agent: Agent };
type Numbers = { name: string | null; phone_number: string | null; provider_phone_number_id: string | null };

/** The query key, which the filter of the list of calls uses too. */
const useAgentsKey = () => ["agents", chosenOrganization()] as const;

/** The organization's agents. They decide which organization a delivery of the platform's account belongs to. */
export function AgentsPage() {
  const key = useAgentsKey();
  const mayWrite = useMay("agents:write");
  const agents = useQuery({ queryKey: key, queryFn: ({ signal }) => request("GET", "/agents", { signal }) });
  const [open, setOpen] = useState<Open>();
  const close = (): void => setOpen(undefined);
  return (
    <Page
      title={t("agents.title")}
      about={t("agents.about")}
      actions={
        mayWrite && (
          <Button look="primary" onClick={() => setOpen({ dialog: "add" })}>
            <Plus size={15} aria-hidden />
            {t("agents.add")}
          </Button>
        )
      }
    >
      <Card flush>
        <Loaded query={agents}>
          {({ data }) =>
            data.length === 0 ? (
              <State icon={<Bot size={18} aria-hidden />} title={t("agents.emptyTitle")}>
                <p>{t("agents.empty")}</p>
              </State>
            ) : (
              <AgentTable agents={data} {...(mayWrite ? { onOpen: setOpen } : {})} />
            )
          }
        </Loaded>
      </Card>
      {open?.dialog === "add" && <AddDialog onClose={close} />}
      {open?.dialog === "change" && <ChangeDialog agent={open.agent} onClose={close} />}
      {open?.dialog === "remove" && <RemoveDialog agent={open.agent} onClose={close} />}
    </Page>
  );
}

function AgentTable({ agents, onOpen }: { agents: readonly Agent[]; onOpen?: (open: Open) => void }) {
  return (
    <Table
      label={t("agents.title")}
      headings={[t("agents.name"), t("agents.providerId"), t("agents.number"), t("agents.lastCall"), ""]}
    >
      {agents.map((agent) => (
        <tr key={agent.id}>
          <td>
            <Link to="/calls" search={{ agent: agent.id }}>
              {agent.name ?? agent.provider_agent_id}
            </Link>
          </td>
          <td>
            <code>{agent.provider_agent_id}</code>
          </td>
          <td>{agent.phone_number === null ? "–" : phoneNumber(agent.phone_number)}</td>
          <td>
            {agent.last_call_at === null ? (
              t("agents.noCall")
            ) : (
              <Time at={agent.last_call_at} form="relative" />
            )}
          </td>
          <td className={endCell}>
            {onOpen !== undefined && agent.removed_at === null && (
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

/** The form fields of an agent that can be changed later. */
function NumberFields({ agent, error }: { agent?: Agent; error: Error | null }) {
  return (
    <>
      <TextField
        label={t("agents.name")}
        name="name"
        defaultValue={agent?.name ?? ""}
        hint={t("agents.nameHint")}
        fault={faultOf(error, "name")}
      />
      <TextField
        label={t("agents.number")}
        name="phone_number"
        type="tel"
        placeholder="+14155550123"
        defaultValue={agent?.phone_number ?? ""}
        hint={t("agents.numberHint")}
        fault={faultOf(error, "phone_number")}
      />
      <TextField
        label={t("agents.numberId")}
        name="provider_phone_number_id"
        defaultValue={agent?.provider_phone_number_id ?? ""}
        fault={faultOf(error, "provider_phone_number_id")}
      />
    </>
  );
}

function numbersIn(form: FormData): Numbers {
  return {
    name: textIn(form, "name"),
    phone_number: textIn(form, "phone_number"),
    provider_phone_number_id: textIn(form, "provider_phone_number_id"),
  };
}

function AddDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const key = useAgentsKey();
  const add = useMutation({
    mutationFn: (body: Numbers & { provider_agent_id: string }) => request("POST", "/agents", { body }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: key });
      showToast(t("agents.added"));
      onClose();
    },
  });
  return (
    <FormDialog
      title={t("agents.add")}
      about={t("agents.addAbout")}
      action={t("agents.addAction")}
      mutation={add}
      variables={(form) => ({
        ...numbersIn(form),
        provider_agent_id: textIn(form, "provider_agent_id") ?? "",
      })}
      onClose={onClose}
    >
      <TextField
        label={t("agents.providerId")}
        name="provider_agent_id"
        required
        autoFocus
        hint={t("agents.providerIdHint")}
        fault={faultOf(add.error, "provider_agent_id")}
      />
      <NumberFields error={add.error} />
    </FormDialog>
  );
}

function ChangeDialog({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const client = useQueryClient();
  const key = useAgentsKey();
  const change = useMutation({
    mutationFn: (body: Numbers) => request("PATCH", "/agents/{agent}", { params: { agent: agent.id }, body }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: key });
      showToast(t("common.saved"));
      onClose();
    },
  });
  return (
    <FormDialog
      title={agent.name ?? agent.provider_agent_id}
      action={t("common.save")}
      mutation={change}
      variables={numbersIn}
      onClose={onClose}
    >
      <NumberFields agent={agent} error={change.error} />
    </FormDialog>
  );
}

function RemoveDialog({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const client = useQueryClient();
  const key = useAgentsKey();
  const remove = useMutation({
    mutationFn: () => request("DELETE", "/agents/{agent}", { params: { agent: agent.id } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: key });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={t("agents.removeTitle")}
      about={t("agents.removeAbout", { name: agent.name ?? agent.provider_agent_id })}
      action={t("agents.removeAction")}
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}
