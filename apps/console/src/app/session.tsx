import type { Me } from "@call-ledger/contract/people";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { createContext, useContext } from "react";
import { chosenOrganization } from "../api/chosen-organization.ts";
import { request } from "../api/client.ts";
import { ZoneContext } from "../components/zone.ts";

type Scope = Me["scopes"][number];

const MeContext = createContext<Me | null>(null);

export const ME_KEY = ["me"] as const;

/** The query for the signed-in user. */
export function useMeQuery() {
  return useQuery({
    queryKey: [...ME_KEY, chosenOrganization()],
    queryFn: ({ signal }) => request("GET", "/me", { signal }),
    staleTime: 60_000,
  });
}

/** Gives its children the signed-in user and the organization's time zone. */
export function SessionProvider({ me, children }: { me: Me; children: ReactNode }) {
  return (
    <MeContext value={me}>
      <ZoneContext value={me.organization?.time_zone ?? "UTC"}>{children}</ZoneContext>
    </MeContext>
  );
}

/** The signed-in user. Throws outside of a SessionProvider. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (me === null) throw new Error("useMe is called outside of a SessionProvider");
  return me;
}

/** Whether the signed-in user has a scope. */
export function useMay(scope: Scope): boolean {
  return useMe().scopes.includes(scope);
}

/** The right that a page needs: a scope in an organization, or the operator's; `null`: none. */
export type Need = Scope | "operator" | null;

export function mayOpen(me: Me, need: Need): boolean {
  if (need === null) return true;
  return need === "operator" ? me.is_operator : me.scopes.includes(need) || me.is_operator;
}
