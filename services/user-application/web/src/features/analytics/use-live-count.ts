import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { asksForCount, countQuery, type Question, subjectKey } from "./queries";

/** How often a page that can be seen asks for new clicks. */
const every = 2_000;

/**
 * The number of clicks, kept current while the page is visible.
 *
 * Only this one number is asked for every two seconds; charts and tables are fetched again once it has changed.
 */
export function useLiveCount(question: Question) {
  const client = useQueryClient();
  const count = useQuery({ ...countQuery(question), refetchInterval: every, staleTime: 0 });
  const clicks = count.isPlaceholderData ? undefined : count.data;
  const { workspace, linkId, range } = question;
  const shown = useRef<{ of: string; clicks: number } | null>(null);

  useEffect(() => {
    if (clicks === undefined) return;
    const of = [workspace, linkId, range].join(" ");
    const before = shown.current;
    shown.current = { of, clicks };
    if (before === null || before.of !== of || before.clicks === clicks) return;
    void client.invalidateQueries({
      queryKey: subjectKey({ workspace, linkId }),
      predicate: ({ queryKey }) => !asksForCount(queryKey),
    });
  }, [client, clicks, workspace, linkId, range]);

  return count;
}
