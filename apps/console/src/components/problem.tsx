import { CircleAlert, WifiOff } from "lucide-react";
import { ApiProblem } from "../api/problem.ts";
import { t } from "../text/text.ts";
import { Button } from "./button.tsx";
import { State } from "./state.tsx";
import styles from "./states.module.css";

/** In place of what could not be loaded: the problem's own words, its request id, and a way to try again. */
export function ProblemState({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const isAway = error instanceof ApiProblem && error.status === 0;
  return (
    <State
      role="alert"
      icon={isAway ? <WifiOff size={18} aria-hidden /> : <CircleAlert size={18} aria-hidden />}
      title={isAway ? t("problem.offlineTitle") : t("problem.title")}
      actions={onRetry && <Button onClick={onRetry}>{t("common.retry")}</Button>}
    >
      <p>{error.message}</p>
      <RequestId error={error} />
    </State>
  );
}

/** Beside what was tried: why it did not work. */
export function ProblemNote({ error }: { error: Error }) {
  const fields = error instanceof ApiProblem ? [...error.fields] : [];
  return (
    <div role="alert" className={styles.note}>
      {error.message}
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
