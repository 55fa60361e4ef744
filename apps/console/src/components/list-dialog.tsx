import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { t } from "../text/text.ts";
import { Button } from "./button.tsx";
import { Dialog, DialogActions } from "./dialog.tsx";
import { Loaded } from "./loaded.tsx";

type ListPage<Item> = { readonly data: readonly Item[]; readonly next_cursor: string | null };

/**
 * A dialog with a list of the API, to which a button adds the next page. `listKey` identifies the list among all
 * queries; `ask` requests a page of it.
 */
export function ListDialog<Item>({
  title,
  about,
  listKey,
  ask,
  onClose,
  children,
}: {
  title: string;
  about?: ReactNode;
  listKey: readonly unknown[];
  ask: (page: { cursor: string | undefined; signal: AbortSignal }) => Promise<ListPage<Item>>;
  onClose: () => void;
  children: (items: readonly Item[]) => ReactNode;
}) {
  const list = useInfiniteQuery({
    queryKey: listKey,
    queryFn: ({ pageParam, signal }) => ask({ cursor: pageParam, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
  return (
    <Dialog title={title} about={about} wide onClose={onClose}>
      <Loaded query={list}>{({ pages }) => children(pages.flatMap(({ data }) => data))}</Loaded>
      {list.hasNextPage && (
        <DialogActions>
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t("common.more")}
          </Button>
        </DialogActions>
      )}
    </Dialog>
  );
}
