import type { ReactNode } from "react";
import { cn } from "@/lib/utils";

/** The content column of a page inside the application. */
export function Page({ className, children }: { className?: string; children: ReactNode }) {
  return (
    <div className={cn("mx-auto grid w-full max-w-6xl gap-6 px-4 py-6 sm:px-8 sm:py-8", className)}>
      {children}
    </div>
  );
}

/** The page's title in the browser and on the page, with what can be done here at the right. */
export function PageHeader({
  title,
  description,
  actions,
}: {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <header className="flex flex-wrap items-end justify-between gap-x-6 gap-y-4">
      <title>{`${title} · Hashroute`}</title>
      <div className="min-w-0">
        <h1 className="font-semibold text-[1.75rem] leading-tight">{title}</h1>
        {description && <p className="mt-1 text-muted-foreground text-sm">{description}</p>}
      </div>
      {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  );
}
