import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ProblemState } from "./problem.tsx";
import { TableSkeleton } from "./state.tsx";

/** The result of a query; a skeleton while it is loading, and after a failure the problem with a way to retry. */
export function Loaded<T>({
  query: { data, error, refetch },
  rows = 4,
  children,
}: {
  query: Pick<UseQueryResult<T>, "data" | "error" | "refetch">;
  rows?: number;
  children: (data: T) => ReactNode;
}) {
  if (data !== undefined) return children(data);
  if (error !== null) return <ProblemState error={error} onRetry={() => void refetch()} />;
  return <TableSkeleton rows={rows} />;
}
