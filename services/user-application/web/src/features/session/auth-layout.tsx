import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Logo } from "@/components/app/logo";
import { OfflineBanner } from "@/components/app/offline-banner";
import { ThemeButton } from "@/components/app/theme-button";
import { RoadsDrawing } from "./roads-drawing";

/** Form at the left, the drawing at the right where there is room for it. */
export function AuthLayout({
  title,
  lead,
  children,
}: {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="grid min-h-dvh lg:grid-cols-[1fr_0.9fr]">
      <title>{`${title} · Hashroute`}</title>
      <div className="flex min-w-0 flex-col">
        <OfflineBanner />
        <header className="flex items-center justify-between px-5 py-5 sm:px-10">
          <Link to="/" className="focus-ring rounded-md">
            <Logo />
          </Link>
          <ThemeButton />
        </header>
        <main
          id="main"
          tabIndex={-1}
          className="flex flex-1 items-center justify-center px-5 pb-16 outline-none"
        >
          <div className="w-full max-w-sm">
            <h1 className="font-semibold text-3xl">{title}</h1>
            {lead && <p className="mt-2 text-muted-foreground text-sm">{lead}</p>}
            <div className="mt-7">{children}</div>
          </div>
        </main>
      </div>
      <div aria-hidden="true" className="relative m-3 hidden overflow-hidden rounded-3xl bg-ink lg:block">
        <RoadsDrawing className="absolute inset-0 size-full" />
      </div>
    </div>
  );
}
