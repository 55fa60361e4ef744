import type { Organization } from "@call-ledger/contract/people";
import { useQuery } from "@tanstack/react-query";
import { Building2 } from "lucide-react";
import { chosenOrganization, showOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import { hasStatus } from "../../api/problem.ts";
import { useMe } from "../../app/session.tsx";
import { Button } from "../../components/button.tsx";
import { ProblemState } from "../../components/problem.tsx";
import { State } from "../../components/state.tsx";
import { t } from "../../text/text.ts";
import { CallSkeleton } from "./call-head.tsx";

/**
 * Shown instead of a call that could not be read. The operator sees one organization at a time, so a call of another
 * one is offered there.
 */
export function UnfoundCall({
  id,
  error,
  isPage = false,
  onRetry,
}: {
  id: string;
  error: Error;
  isPage?: boolean;
  onRetry: () => void;
}) {
  const { is_operator: isOperator } = useMe();
  const mayBeElsewhere = isOperator && (hasStatus(error, 404) || chosenOrganization() === null);
  const owners = useQuery({
    queryKey: ["organizations of call", id],
    queryFn: ({ signal }) =>
      request("GET", "/installation/calls/{call}/organizations", { params: { call: id }, signal }),
    enabled: mayBeElsewhere,
  });
  if (owners.isLoading) return <CallSkeleton />;
  const others = (owners.data?.data ?? []).filter((one) => one.id !== chosenOrganization());
  if (others.length === 0) return <ProblemState isPage={isPage} error={error} onRetry={onRetry} />;
  return (
    <State
      isPage={isPage}
      icon={<Building2 size={18} aria-hidden />}
      title={t("call.elsewhereTitle")}
      actions={others.map((organization) => <ShowThere key={organization.id} organization={organization} />)}
    >
      <p>{t("call.elsewhere")}</p>
    </State>
  );
}

function ShowThere({ organization: { id, name } }: { organization: Organization }) {
  return (
    <Button look="primary" onClick={() => showOrganization(id)}>
      {t("call.showThere", { organization: name })}
    </Button>
  );
}
