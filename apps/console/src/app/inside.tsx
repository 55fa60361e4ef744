import type { Me } from "@call-ledger/contract/people";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { openCallStream } from "../api/call-stream.ts";
import { chooseOrganization, chosenOrganization } from "../api/chosen-organization.ts";
import { request } from "../api/client.ts";
import { hasStatus } from "../api/problem.ts";
import { Front } from "../components/front.tsx";
import { ProblemState } from "../components/problem.tsx";
import { SignedOut } from "../pages/sign-in/signed-out.tsx";
import { t } from "../text/text.ts";
import { ME_KEY, SessionProvider, useMeQuery } from "./session.tsx";
import { Shell } from "./shell.tsx";

/** The part that needs a session: reads the signed-in user, keeps the stream of changes open, and shows the shell. */
export function Inside() {
  const queries = useQueryClient();
  const { data: me, error, failureReason, refetch } = useMeQuery();
  // The first failure is shown while the reading is repeated.
  const problem = error ?? failureReason;
  const organizationId = me?.organization?.id ?? null;
  useEffect(() => {
    if (organizationId === null) return;
    return openCallStream(() => void queries.invalidateQueries({ queryKey: ME_KEY }));
  }, [organizationId, queries]);
  const isChoiceGone = hasStatus(error, 404) && chosenOrganization() !== null;
  useEffect(() => {
    if (!isChoiceGone) return;
    chooseOrganization(null);
    void queries.resetQueries();
  }, [isChoiceGone, queries]);
  const isChoosing = useOnlyOrganization(me);

  if (hasStatus(error, 401)) return <SignedOut hadSession={me !== undefined} />;
  if (me !== undefined && !isChoosing) {
    return (
      <SessionProvider me={me}>
        <Shell />
      </SessionProvider>
    );
  }
  if (problem !== null && !isChoiceGone) {
    return (
      <Front>
        <ProblemState isPage error={problem} onRetry={() => void refetch()} />
      </Front>
    );
  }
  return (
    <p className="starting" role="status">
      {t("common.loading")}
    </p>
  );
}

/**
 * Chooses the only organization for an operator who has chosen none. Returns whether that goes on, so that no page is
 * shown without it.
 */
function useOnlyOrganization(me: Me | undefined): boolean {
  const queries = useQueryClient();
  const isUndecided = me?.is_operator === true && me.organization === null && chosenOrganization() === null;
  const organizations = useQuery({
    queryKey: ["organizations"],
    queryFn: ({ signal }) => request("GET", "/organizations", { signal }),
    enabled: isUndecided,
    staleTime: 60_000,
  });
  const [first, ...others] = organizations.data?.data ?? [];
  const only = isUndecided && others.length === 0 ? first?.id : undefined;
  useEffect(() => {
    if (only === undefined) return;
    chooseOrganization(only);
    void queries.resetQueries();
  }, [only, queries]);
  return isUndecided && (organizations.isPending || only !== undefined);
}
