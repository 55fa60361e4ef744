import type { QueryKey } from "@tanstack/react-query";
import { useMutation, useQueryClient } from "@tanstack/react-query";

/** A change at the API. After it, the queries of `key` are read again (`[]`: all), and then `onDone` is called. */
export function useChange<Answer, Variables = void>(
  key: QueryKey,
  change: (variables: Variables) => Promise<Answer>,
  onDone: (answer: Answer) => void = () => undefined,
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    async onSuccess(answer) {
      await client.invalidateQueries({ queryKey: key });
      onDone(answer);
    },
  });
}
