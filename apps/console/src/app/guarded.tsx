import { Link } from "@tanstack/react-router";
import { Building2, Lock } from "lucide-react";
import type { ComponentType, ReactNode } from "react";
import { buttonClass } from "../components/button.tsx";
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
          <p>{t("problem.notAllowed")}</p>
        </State>
      );
    }
    if (need !== null && need !== "operator" && me.organization === null) {
      return (
        <State
          isPage
          icon={<Building2 size={18} aria-hidden />}
          title={t("problem.chooseOrganizationTitle")}
          actions={
            <Link to="/operator/organizations" className={buttonClass("primary")}>
              {t("nav.organizations")}
            </Link>
          }
        >
          <p>{t("problem.chooseOrganization")}</p>
        </State>
      );
    }
    return <Page />;
  };
}
