import type { EvaluationStatus } from "@/api/gen";

/** What somebody who looks at checks has to know of this server, the gravest first. */
export function noticesOf({
  enabled,
  browser,
  ai,
  checks,
  failover,
}: Pick<EvaluationStatus, "enabled" | "browser" | "ai" | "checks" | "failover">): {
  isGrave: boolean;
  text: string;
}[] {
  if (!enabled)
    return [
      { isGrave: true, text: "Checks are switched off on this server. Its operator can switch them on." },
    ];
  const notices: { isGrave: boolean; text: string }[] = [];
  if (failover.heldBackSince)
    notices.push({
      isGrave: true,
      text: "So many destinations broke at once that the fault may be on this server: visitors are not sent to backups until that is over.",
    });
  if (checks.today >= checks.perDay)
    notices.push({
      isGrave: true,
      text: `The ${checks.perDay} checks of this day are spent. The next ones come tomorrow (UTC).`,
    });
  if (!browser.available)
    notices.push({
      isGrave: false,
      text: `There is no browser on this server: pages are read without running their scripts, and there are no screenshots.${browser.problem ? ` ${browser.problem}` : ""}`,
    });
  if (!ai.configured)
    notices.push({
      isGrave: false,
      text: "No language model is configured: rules alone decide, and what they cannot tell stays open.",
    });
  return notices;
}
