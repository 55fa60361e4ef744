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

/** Who is signed in, as the API says. */
export function useMeQuery() {
  return useQuery({
    queryKey: [...ME_KEY, chosenOrganization()],
    queryFn: ({ signal }) => request("GET", "/me", { signal }),
    staleTime: 60_000,
  });
}

/** Everything in it can ask who is signed in, and shows times in the organization's zone. */
export function SessionProvider({ me, children }: { me: Me; children: ReactNode }) {
  return (
    <MeContext value={me}>
      <ZoneContext value={me.organization?.time_zone ?? "UTC"}>{children}</ZoneContext>
    </MeContext>
  );
}

/** Who is signed in. Throws outside of a SessionProvider. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (me === null) throw new Error("useMe is called outside of a SessionProvider");
  return me;
}

/** Whether whoever is signed in may do this. */
export function useMay(scope: Scope): boolean {
  return useMe().scopes.includes(scope);
}

/** What a page needs to be shown: a scope in an organization, or that the operator looks. */
export type Need = Scope | "operator" | null;

export function mayOpen(me: Me, need: Need): boolean {
  if (need === null) return true;
  return need === "operator" ? me.is_operator : me.scopes.includes(need) || me.is_operator;
}
