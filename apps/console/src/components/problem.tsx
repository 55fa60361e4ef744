import { CircleAlert, WifiOff } from "lucide-react";
import { ApiProblem, hasStatus } from "../api/problem.ts";
import { t } from "../text/text.ts";
import { Button } from "./button.tsx";
import { State } from "./state.tsx";
import styles from "./states.module.css";

/** Shown instead of content that could not be loaded: the problem's text, its request id, and a way to retry. */
export function ProblemState({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const isAway = hasStatus(error, 0);
  const isMissing = hasStatus(error, 404);
  return (
    <State
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

/** Shown beside an action that failed: the reason. */
export function ProblemNote({ error }: { error: Error }) {
  const fields = error instanceof ApiProblem ? [...error.fields] : [];
  return (
    <div role="alert" className={styles.note}>
      {fields.length === 0 && error.message}
      {fields.map(([field, detail]) => (
        <div key={field}>
          {field.replace(/^(body|query)\./, "")}: {detail}
        </div>
      ))}
      <RequestId error={error} />
    </div>
  );
}

function RequestId({ error }: { error: Error }) {
  if (!(error instanceof ApiProblem) || error.requestId === null) return null;
  return (
    <p className={styles.request}>
      {t("common.requestId")} <code>{error.requestId}</code>
    </p>
  );
}
