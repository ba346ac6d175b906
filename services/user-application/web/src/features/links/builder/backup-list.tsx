import { ArrowDown, ArrowUp, Plus, ShieldCheck, X } from "lucide-react";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { FieldError } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { blurLater, messagesOf } from "@/lib/form";
import { withScheme } from "./url";
import { type LinkForm, problemWhenSent } from "./use-link-form";
import { destinationProblem } from "./validation";
import { mostBackups, newBackup } from "./watch-values";

export type BackupListName = "backups" | `rows[${number}].backups` | `rules[${number}].backups`;

/** The backups of one place of the link in the order they are tried, with buttons and keys to change it. */
export function BackupList({
  form,
  name,
  of,
}: {
  form: LinkForm;
  name: BackupListName;
  /** Whose destination it is, for those who cannot see where the list stands: "Germany", "rule 2", "everyone else". */
  of: string;
}) {
  const id = useId();
  const list = useRef<HTMLOListElement>(null);
  const [said, setSaid] = useState("");

  /** Moving a row takes the focus away from what is in it. */
  function focusLater(selector: string) {
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(selector)?.focus());
  }

  return (
    <form.Field name={name} mode="array">
      {(field) => {
        const backups = field.state.value ?? [];
        const move = (from: number, to: number, part: string) => {
          const moved = backups[from];
          if (!moved || to < 0 || to >= backups.length) return;
          field.moveValue(from, to);
          setSaid(`Moved to place ${to + 1} of ${backups.length}.`);
          focusLater(`[data-backup="${moved.id}"] [data-part="${part}"]`);
        };
        const onKeyDown = (event: KeyboardEvent, index: number) => {
          if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
          event.preventDefault();
          move(index, index + (event.key === "ArrowUp" ? -1 : 1), "url");
        };
        return (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as this list is
          <div role="group" aria-label={`Backups for ${of}`} className="grid gap-2">
            {backups.length > 0 && (
              <p className="flex items-center gap-2 text-[0.8125rem] text-muted-foreground">
                <ShieldCheck className="size-4 shrink-0" aria-hidden="true" />
                While it is down, the first of these that is not:
              </p>
            )}
            <ol ref={list} className="grid gap-2 empty:hidden">
              {backups.map((backup, index) => (
                <li
                  key={backup.id}
                  data-backup={backup.id}
                  className="grid grid-cols-[1.25rem_minmax(0,1fr)] items-start sm:grid-cols-[1.25rem_minmax(0,1fr)_auto] gap-x-2 gap-y-1.5"
                >
                  <span
                    aria-hidden="true"
                    className="grid h-9 place-items-center font-mono text-muted-foreground text-xs tabular-nums"
                  >
                    {index + 1}
                  </span>
                  <BackupField
                    form={form}
                    name={`${name}[${index}].url`}
                    label={`Backup ${index + 1} for ${of}`}
                  >
                    {(props) => (
                      <Input
                        {...props}
                        data-part="url"
                        aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
                        autoFocus={backup.url === ""}
                        onKeyDown={(event) => onKeyDown(event, index)}
                      />
                    )}
                  </BackupField>
                  <div className="col-start-2 flex sm:col-start-auto">
                    <Button
                      type="button"
                      variant="ghost"
                      size="icon"
                      data-part="up"
                      aria-label={`Move backup ${index + 1} for ${of} up`}
                      aria-disabled={index === 0 || undefined}
                      className="aria-disabled:opacity-40"
                      onClick={() => move(index, index - 1, "up")}
                    >
                      <ArrowUp aria-hidden="true" />
                    </Button>
                    <Button
                      type="button"
                      variant="ghost"
                      size="icon"
                      data-part="down"
                      aria-label={`Move backup ${index + 1} for ${of} down`}
                      aria-disabled={index === backups.length - 1 || undefined}
                      className="aria-disabled:opacity-40"
                      onClick={() => move(index, index + 1, "down")}
                    >
                      <ArrowDown aria-hidden="true" />
                    </Button>
                    <Button
                      type="button"
                      variant="ghost"
                      size="icon"
                      aria-label={`Remove backup ${index + 1} for ${of}`}
                      onClick={() => {
                        field.removeValue(index);
                        setSaid("Backup removed.");
                        document.getElementById(`${id}-add`)?.focus();
                      }}
                    >
                      <X aria-hidden="true" />
                    </Button>
                  </div>
                </li>
              ))}
            </ol>
            <Button
              type="button"
              id={`${id}-add`}
              variant="ghost"
              size="sm"
              aria-label={`Add a backup for ${of}`}
              aria-disabled={backups.length >= mostBackups || undefined}
              className="-ml-3 justify-self-start text-muted-foreground aria-disabled:opacity-40"
              onClick={() => backups.length < mostBackups && field.pushValue(newBackup())}
            >
              <Plus aria-hidden="true" />{" "}
              {backups.length >= mostBackups ? `${mostBackups} backups are the most` : "Add a backup"}
            </Button>
            <p role="status" className="sr-only">
              {said}
            </p>
          </div>
        );
      }}
    </form.Field>
  );
}

type FieldProps = React.ComponentProps<typeof Input>;

function BackupField({
  form,
  name,
  label,
  children,
}: {
  form: LinkForm;
  name: `${BackupListName}[${number}].url`;
  label: string;
  children: (props: FieldProps) => React.ReactNode;
}) {
  const errorId = useId();
  return (
    <form.Field
      name={name}
      validators={{
        onBlur: ({ value }) => (value?.trim() ? destinationProblem(value) : undefined) ?? undefined,
        onSubmit: problemWhenSent,
      }}
      listeners={{
        onChange: ({ fieldApi }) => fieldApi.setErrorMap({ onBlur: undefined, onSubmit: undefined }),
        onBlur: ({ value, fieldApi }) => {
          if (value && withScheme(value) !== value)
            fieldApi.setValue(withScheme(value), { dontUpdateMeta: true });
        },
      }}
    >
      {(field) => {
        const messages = messagesOf(field.state.meta.errors);
        return (
          <div className="grid content-start gap-1.5">
            {children({
              inputMode: "url",
              autoCapitalize: "none",
              autoCorrect: "off",
              spellCheck: false,
              placeholder: "https://example.com/instead",
              "aria-label": label,
              value: field.state.value ?? "",
              onChange: (event) => field.handleChange(event.target.value),
              onBlur: blurLater(field),
              "aria-invalid": messages.length > 0 || undefined,
              "aria-describedby": errorId,
            })}
            <FieldError id={errorId} className="empty:hidden">
              {messages.join(" ")}
            </FieldError>
          </div>
        );
      }}
    </form.Field>
  );
}
