import { QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiProblem, hasStatus } from "./problem.ts";

const MAX_RETRY_DELAY_MS = 15_000;

/**
 * @param onSignedOut called if the API says that the session has ended
 * @param sessionKey key of the query for the signed-in user. Its refusal is an answer, and a repetition would give the
 * same one.
 */
export function createQueryClient(onSignedOut: () => void, sessionKey: string): QueryClient {
  const noticeSignOut = (error: unknown): void => {
    if (hasStatus(error, 401)) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error, { queryKey }) => {
        if (queryKey[0] !== sessionKey) noticeSignOut(error);
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // A refusal does not change. A fault of the network or the service may pass.
        retry: (failures, error) => failures < 4 && isPassing(error),
        retryDelay: (failures) => Math.min(500 * 2 ** failures, MAX_RETRY_DELAY_MS),
        refetchOnReconnect: true,
        networkMode: "always",
      },
      mutations: { onError: noticeSignOut, networkMode: "always" },
    },
  });
}

/** Returns whether the same request may succeed a moment later. */
function isPassing(error: unknown): boolean {
  return error instanceof ApiProblem && (error.status === 0 || error.status === 503 || error.status === 429);
}
