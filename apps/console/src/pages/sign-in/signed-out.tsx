import { KeyRound } from "lucide-react";
import { Copyable } from "../../components/copy.tsx";
import { Front } from "../../components/front.tsx";
import { useTitle } from "../../components/page.tsx";
import { State } from "../../components/state.tsx";
import { t } from "../../text/text.ts";

/** @param hadSession whether this page had a session a moment ago */
export function SignedOut({ hadSession = false }: { hadSession?: boolean }) {
  useTitle(t("signIn.title"));
  return (
    <Front>
      <State isPage icon={<KeyRound size={18} aria-hidden />} title={t("signIn.title")}>
        <p>{hadSession ? t("signIn.ended") : t("signIn.needed")}</p>
        <OperatorsWay />
      </State>
    </Front>
  );
}

/** The command with which an operator makes a sign-in link. */
export function OperatorsWay() {
  return (
    <>
      <p>{t("signIn.operator")}</p>
      <Copyable text="npm run -s ops -- member invite --operator" />
    </>
  );
}
