import { CircleAlert, WifiOff } from "lucide-react";
import { useLayoutEffect, useRef, useState } from "react";
import { ApiProblem, hasStatus } from "../api/problem.ts";
import { t } from "../text/text.ts";
import { Button } from "./button.tsx";
import { State } from "./state.tsx";
import styles from "./states.module.css";

/** Shown instead of content that could not be loaded: the problem's text, its request id, and a way to retry. */
export function ProblemState({
  error,
  isPage = false,
  onRetry,
}: {
  error: Error;
  isPage?: boolean;
  onRetry?: () => void;
}) {
  const isAway = hasStatus(error, 0);
  const isMissing = hasStatus(error, 404);
  return (
    <State
      isPage={isPage}
      role="alert"
      icon={isAway ? <WifiOff size={18} aria-hidden /> : <CircleAlert size={18} aria-hidden />}
      title={isAway ? t("problem.offlineTitle") : isMissing ? error.message : t("problem.title")}
      actions={!isMissing && onRetry && <Button onClick={onRetry}>{t("common.retry")}</Button>}
    >
      <p>{isMissing ? t("problem.missing") : error.message}</p>
      <RequestId error={error} />
    </State>
  );
}

/**
 * Shown beside an action that failed: the reason. If fields of the form say all of it, the first of them gets the focus
 * instead.
 */
export function ProblemNote({ error }: { error: Error }) {
  const note = useRef<HTMLDivElement>(null);
  const [isSaidByFields, setSaidByFields] = useState(false);
  const faults = error instanceof ApiProblem ? error.fields.size : 0;
  useLayoutEffect(() => {
    const wrong = note.current?.closest("form")?.querySelectorAll<HTMLElement>('[aria-invalid="true"]') ?? [];
    setSaidByFields(faults > 0 && wrong.length >= faults);
    wrong[0]?.focus();
  }, [error, faults]);
  const fields = error instanceof ApiProblem ? [...error.fields] : [];
  return (
    <div role="alert" className={styles.note} ref={note} hidden={isSaidByFields}>
      {fields.length === 0 && (hasStatus(error, 0) ? t("problem.offlineAction") : error.message)}
      {fields.map(([field, detail]) => (
        <div key={field}>{faultSentence(field.replace(/^(body|query)\./, ""), detail)}</div>
      ))}
      <RequestId error={error} />
    </div>
  );
}

/** The fault of a field as a sentence. The API's text can go on after the field's name: "is not a time zone." */
export function faultSentence(name: string, fault: string): string {
  return /^[a-z]/.test(fault) ? `${name} ${fault}` : fault;
}

function RequestId({ error }: { error: Error }) {
  if (!(error instanceof ApiProblem) || error.requestId === null) return null;
  return (
    <p className={styles.request}>
      {t("common.requestId")} <code>{error.requestId}</code>
    </p>
  );
}
