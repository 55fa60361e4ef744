import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Building2, Lock } from "lucide-react";
import type { ComponentType, ReactNode } from "react";
import { showOrganization } from "../api/chosen-organization.ts";
import { request } from "../api/client.ts";
import { Button, buttonClass } from "../components/button.tsx";
import { State } from "../components/state.tsx";
import { t } from "../text/text.ts";
import type { Need } from "./session.tsx";
import { mayOpen, useMe } from "./session.tsx";

/** The page, or the reason why the signed-in user may not see it. */
export function guarded(need: Need, Page: ComponentType): () => ReactNode {
  return function GuardedPage() {
    const me = useMe();
    if (!mayOpen(me, need)) {
      return (
        <State
          isPage
          icon={<Lock size={18} aria-hidden />}
          title={t("problem.notAllowedTitle")}
          actions={
            <Link to="/calls" className={buttonClass()}>
              {t("problem.toCalls")}
            </Link>
          }
        >
          <p>{t(need === "operator" ? "problem.notAllowedOperator" : "problem.notAllowed")}</p>
        </State>
      );
    }
    if (need !== null && need !== "operator" && me.organization === null) return <ChooseOrganization />;
    return <Page />;
  };
}

/** More organizations than these are chosen on their page. */
const MAX_OFFERED = 6;

/** Shown to the operator instead of a page of an organization while none is chosen. */
function ChooseOrganization() {
  const organizations = useQuery({
    queryKey: ["organizations"],
    queryFn: ({ signal }) => request("GET", "/organizations", { signal }),
  });
  const offered = (organizations.data?.data ?? []).slice(0, MAX_OFFERED);
  return (
    <State
      isPage
      icon={<Building2 size={18} aria-hidden />}
      title={t("problem.chooseOrganizationTitle")}
      actions={
        <>
          {offered.map(({ id, name }) => (
            <Button key={id} onClick={() => showOrganization(id)}>
              {name}
            </Button>
          ))}
          <Link
            to="/operator/organizations"
            className={buttonClass(offered.length === 0 ? "primary" : "quiet")}
          >
            {t("nav.organizations")}
          </Link>
        </>
      }
    >
      <p>{t("problem.chooseOrganization")}</p>
    </State>
  );
}
