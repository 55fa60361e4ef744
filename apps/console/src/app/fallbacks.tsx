import type { ErrorComponentProps } from "@tanstack/react-router";
import { Link } from "@tanstack/react-router";
import { Bug, Compass, WifiOff } from "lucide-react";
import { useEffect } from "react";
import { Button, buttonClass } from "../components/button.tsx";
import { State } from "../components/state.tsx";
import { t } from "../text/text.ts";
import { isPartMissing, reloadWhenBack } from "./part.ts";

export function NotFound() {
  return (
    <State
      isPage
      icon={<Compass size={18} aria-hidden />}
      title={t("problem.notFoundTitle")}
      actions={
        <Link to="/calls" className={buttonClass()}>
          {t("problem.toCalls")}
        </Link>
      }
    >
      <p>{t("problem.notFound")}</p>
    </State>
  );
}

/** The page for an error of the console itself, or for a part of it that could not be loaded. */
export function Crashed({ error }: ErrorComponentProps) {
  return isPartMissing(error) ? <Missing /> : <Mistake error={error} />;
}

function Missing() {
  useEffect(reloadWhenBack, []);
  return (
    <State
      isPage
      role="alert"
      icon={<WifiOff size={18} aria-hidden />}
      title={t("problem.partTitle")}
      actions={<Button onClick={() => location.reload()}>{t("problem.reload")}</Button>}
    >
      <p>{t("problem.part")}</p>
    </State>
  );
}

function Mistake({ error }: { error: unknown }) {
  return (
    <State
      isPage
      role="alert"
      icon={<Bug size={18} aria-hidden />}
      title={t("problem.crashTitle")}
      actions={<Button onClick={() => location.reload()}>{t("problem.reload")}</Button>}
    >
      <p>{t("problem.crash")}</p>
      <pre>{error instanceof Error ? error.message : String(error)}</pre>
    </State>
  );
}
