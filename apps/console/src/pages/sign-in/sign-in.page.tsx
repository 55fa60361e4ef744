import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { KeyRound, LoaderCircle } from "lucide-react";
import { useEffect, useRef } from "react";
import { chooseOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import { ApiProblem } from "../../api/problem.ts";
import { buttonClass } from "../../components/button.tsx";
import { Front } from "../../components/front.tsx";
import { useTitle } from "../../components/page.tsx";
import { ProblemState } from "../../components/problem.tsx";
import { State } from "../../components/state.tsx";
import type { TextKey } from "../../text/text.ts";
import { t } from "../../text/text.ts";
import { OperatorsWay, SignedOut } from "./signed-out.tsx";

/** The texts for a link that does not sign in, by the problem's code. */
const REFUSALS: Readonly<Record<string, readonly [title: TextKey, text: TextKey]>> = {
  link_used: ["signIn.usedTitle", "signIn.used"],
  link_expired: ["signIn.expiredTitle", "signIn.expired"],
  not_found: ["signIn.unknownTitle", "signIn.unknown"],
  bad_request: ["signIn.unknownTitle", "signIn.unknown"],
};

/**
 * The page of sign-in links. The token is in the fragment, which browsers do not send, and is exchanged by a POST, so
 * that programs which open the links in mails do not use it up.
 */
export function SignInPage() {
  useTitle(t("signIn.title"));
  const token = useRef(location.hash.slice(1));
  const navigate = useNavigate();
  const queries = useQueryClient();
  const exchange = useMutation({
    mutationFn: () => request("POST", "/sign-in", { body: { token: token.current } }),
    onSuccess: () => {
      chooseOrganization(null);
      queries.clear();
      void navigate({ to: "/calls", replace: true });
    },
  });
  const { mutate } = exchange;
  const begun = useRef(false);
  useEffect(() => {
    if (token.current === "" || begun.current) return;
    begun.current = true;
    // The token must not stay in the history or in the address bar.
    history.replaceState(history.state, "", location.pathname);
    mutate();
  }, [mutate]);

  if (token.current === "") return <SignedOut />;
  if (exchange.error !== null) {
    return <Refused error={exchange.error} onRetry={mutate} />;
  }
  return (
    <Front>
      <State isPage role="status" icon={<LoaderCircle size={18} aria-hidden />} title={t("signIn.working")} />
    </Front>
  );
}

function Refused({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const refusal = error instanceof ApiProblem && error.code !== null ? REFUSALS[error.code] : undefined;
  if (refusal === undefined) {
    return (
      <Front>
        <ProblemState isPage error={error} onRetry={onRetry} />
      </Front>
    );
  }
  const [title, text] = refusal;
  return (
    <Front>
      <State
        isPage
        role="alert"
        icon={<KeyRound size={18} aria-hidden />}
        title={t(title)}
        actions={
          <Link to="/calls" className={buttonClass()}>
            {t("signIn.continue")}
          </Link>
        }
      >
        <p>{t(text)}</p>
        <OperatorsWay />
      </State>
    </Front>
  );
}
