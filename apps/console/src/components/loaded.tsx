import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Card } from "./page.tsx";
import { ProblemState } from "./problem.tsx";
import { TableSkeleton } from "./state.tsx";

/**
 * The result of a query; a skeleton while it is loading, and after a failure the problem with a way to retry.
 * `inCards`: the result comes in cards, so these are in one too. `onlyFresh`: after a failure the earlier result is not
 * shown, because it would look like the present state.
 */
export function Loaded<T>({
  query: { data, error, refetch },
  rows = 4,
  inCards = false,
  onlyFresh = false,
  children,
}: {
  query: Pick<UseQueryResult<T>, "data" | "error" | "refetch">;
  rows?: number;
  inCards?: boolean;
  onlyFresh?: boolean;
  children: (data: T) => ReactNode;
}) {
  if (data !== undefined && !(onlyFresh && error !== null)) return children(data);
  const instead =
    error === null ? (
      <TableSkeleton rows={rows} />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  return inCards ? <Card flush>{instead}</Card> : instead;
}
