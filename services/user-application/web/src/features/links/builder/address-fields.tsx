import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Dices } from "lucide-react";
import { useId } from "react";
import { listDomainsOptions } from "@/api/gen";
import { Button } from "@/components/ui/button";
import { Field, FieldDescription, FieldError, FieldLabel } from "@/components/ui/field";
import { inputClassName } from "@/components/ui/input";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { workspaceScope } from "@/features/workspaces/workspace";
import { blurLater, messagesOf } from "@/lib/form";
import { cn } from "@/lib/utils";
import { linkTakenQuery } from "../changes";
import type { ShortLink } from "../link";
import { randomSlug } from "./slug";
import { SlugStatus, takenMessage } from "./slug-status";
import { type LinkForm, problemWhenSent } from "./use-link-form";
import { keyProblem } from "./validation";

/** The host, where there is a choice, and the slug. */
export function AddressFields({
  form,
  workspaceId,
  link,
}: {
  form: LinkForm;
  workspaceId: string;
  link?: ShortLink;
}) {
  const id = useId();
  const client = useQueryClient();
  const domains = useQuery(listDomainsOptions(workspaceScope({ id: workspaceId })));
  const hosts = domains.data?.map(({ slug }) => slug) ?? [];
  const usual = domains.data?.find(({ primary }) => primary)?.slug ?? hosts[0] ?? link?.domain ?? "";
  return (
    <form.AppField
      name="key"
      validators={{
        onBlur: ({ value }) => keyProblem(value) ?? undefined,
        // What was found out while typing need not be asked again by saving.
        onSubmit: ({ value, fieldApi }) => {
          const problem = problemWhenSent({ fieldApi });
          if (problem) return problem;
          const host = fieldApi.form.getFieldValue("domain") || usual;
          const slug = value.trim();
          if (link && slug === "") return "Enter a slug.";
          if (link?.domain === host && link.key === slug) return undefined;
          const taken = client.getQueryData(linkTakenQuery(workspaceId, host, slug).queryKey);
          return taken ? takenMessage(host, slug) : undefined;
        },
      }}
      listeners={{
        onChange: ({ fieldApi }) => fieldApi.setErrorMap({ onBlur: undefined, onSubmit: undefined }),
      }}
    >
      {(field) => {
        const messages = messagesOf(field.state.meta.errors);
        return (
          <Field>
            <FieldLabel htmlFor={`${id}-key`}>Short link</FieldLabel>
            <form.AppField name="domain">
              {(domain) => {
                const host = domain.state.value || usual;
                const unchanged = link?.domain === host && link.key === field.state.value.trim();
                return (
                  <>
                    <div className="flex items-stretch">
                      {hosts.length > 1 ? (
                        <Select
                          value={host}
                          onValueChange={(value) => domain.handleChange(String(value ?? ""))}
                        >
                          <SelectTrigger aria-label="Domain" className="max-w-44 rounded-r-none border-r-0">
                            <SelectValue />
                          </SelectTrigger>
                          <SelectContent>
                            {hosts.map((slug) => (
                              <SelectItem key={slug} value={slug}>
                                {slug}
                              </SelectItem>
                            ))}
                          </SelectContent>
                        </Select>
                      ) : (
                        <span className="flex min-w-0 max-w-[50%] items-center rounded-l-md border border-input border-r-0 bg-muted px-3 text-muted-foreground text-sm">
                          <span className="truncate">{host || "…"}</span>
                        </span>
                      )}
                      <div className="relative min-w-0 flex-1">
                        <span
                          aria-hidden="true"
                          className="absolute inset-y-0 left-3 flex items-center text-muted-foreground text-sm"
                        >
                          /
                        </span>
                        <input
                          id={`${id}-key`}
                          value={field.state.value}
                          onChange={(event) => field.handleChange(event.target.value)}
                          onBlur={blurLater(field)}
                          autoCapitalize="none"
                          autoCorrect="off"
                          spellCheck={false}
                          autoComplete="off"
                          placeholder={link ? "" : "random"}
                          aria-invalid={messages.length > 0 || undefined}
                          aria-describedby={`${id}-key-description ${id}-key-error`}
                          className={cn(inputClassName, "rounded-l-none pr-10 pl-6")}
                        />
                        <Button
                          type="button"
                          variant="ghost"
                          size="icon-sm"
                          aria-label="Choose a random slug"
                          title="Choose a random slug"
                          className="absolute top-0.5 right-0.5"
                          onClick={() => field.handleChange(randomSlug())}
                        >
                          <Dices aria-hidden="true" />
                        </Button>
                      </div>
                    </div>
                    <FieldDescription id={`${id}-key-description`}>
                      {link
                        ? "Changing it breaks what was printed or shared: the old address stops working and cannot be used again."
                        : "Leave it empty for a short random one."}
                    </FieldDescription>
                    <FieldError id={`${id}-key-error`} className="empty:hidden">
                      {[...messages, ...messagesOf(domain.state.meta.errors)].join(" ")}
                    </FieldError>
                    {!unchanged && messages.length === 0 && (
                      <div role="status">
                        <SlugStatus workspaceId={workspaceId} domain={host} slug={field.state.value} />
                      </div>
                    )}
                  </>
                );
              }}
            </form.AppField>
          </Field>
        );
      }}
    </form.AppField>
  );
}
