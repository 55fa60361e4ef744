import type { AgentAccount } from "@call-ledger/contract/people";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import { useMay, useMe } from "../../app/session.tsx";
import { t } from "../../text/text.ts";

/** The query for the accounts at which the organization can have agents. */
export function agentAccountsQuery() {
  return queryOptions({
    queryKey: ["agent accounts", chosenOrganization()],
    queryFn: ({ signal }) => request("GET", "/agents/accounts", { signal }),
  });
}

/** The accounts at which the signed-in user may change agents; undefined until they are known. */
export function useAgentAccounts(): readonly AgentAccount[] | undefined {
  const { is_operator: isOperator } = useMe();
  const mayWrite = useMay("agents:write");
  const { data } = useQuery({ ...agentAccountsQuery(), enabled: mayWrite });
  return data?.data.filter((account) => isOperator || !account.is_platforms);
}

/** The name of an account for people. */
export function accountName({ is_platforms: isPlatforms, name }: AgentAccount): string {
  return isPlatforms ? t("accounts.platform") : (name ?? t("accounts.unnamed"));
}
