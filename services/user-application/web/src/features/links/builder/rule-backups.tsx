import { useId } from "react";
import type { Rule } from "@/api/gen";
import { displayUrl } from "../link";
import { audienceName, audienceOf, sharesOf } from "../rules";
import { BackupList } from "./backup-list";
import type { LinkForm } from "./use-link-form";

/** The rules of the link, each with what its visitors get while its destination is down. The rules themselves stay as they are. */
export function RuleBackups({ form, rules }: { form: LinkForm; rules: readonly Rule[] }) {
  const headingId = useId();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as this list is
    <div role="group" aria-labelledby={headingId} className="grid gap-3">
      <div>
        <p id={headingId} className="font-medium text-sm">
          Backups of the rules
        </p>
        <p className="mt-1 text-[0.8125rem] text-muted-foreground">
          Rules come first, and are set through the API. Their backups can be set here.
        </p>
      </div>
      <ol className="divide-y rounded-xl border">
        {rules.map((rule, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule is its place in the order
          <li key={index} className="grid gap-1.5 p-3">
            <p className="min-w-0 text-sm">
              <span className="mr-2 font-mono font-semibold text-muted-foreground text-xs">{index + 1}</span>
              <span className="font-medium">{audienceName(audienceOf(rule.when))}</span>{" "}
              <span className="break-words text-muted-foreground">
                {sharesOf(rule)
                  .map(({ url }) => displayUrl(url))
                  .join(", ")}
              </span>
            </p>
            <BackupList form={form} name={`rules[${index}].backups`} of={`rule ${index + 1}`} />
          </li>
        ))}
      </ol>
    </div>
  );
}
