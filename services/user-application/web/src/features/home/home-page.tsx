import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight, Terminal } from "lucide-react";
import { getSetupOptions } from "@/api/gen";
import { LogoMark } from "@/components/app/logo";
import { PublicHeader } from "@/components/app/public-header";
import { buttonVariants } from "@/components/ui/button";
import { wasSignedIn } from "@/features/session/signed-in-hint";
import { cn } from "@/lib/utils";
import { Features } from "./features";
import { RoutesDemo } from "./routes-demo";

export function HomePage() {
  return (
    <>
      <title>Hashroute: one link, the right page for every country</title>
      <PublicHeader />
      <main id="main" tabIndex={-1} className="outline-none">
        <section className="mx-auto grid w-full max-w-6xl items-center gap-10 px-4 pt-8 pb-16 sm:px-8 lg:grid-cols-[1fr_1.08fr] lg:gap-14 lg:pt-16 lg:pb-24">
          <div>
            <h1 className="font-bold text-[2.625rem] leading-[1.02] tracking-[-0.035em] sm:text-6xl">
              One link.
              <br />
              The right page for every country.
            </h1>
            <p className="mt-5 max-w-lg text-pretty text-lg text-muted-foreground">
              Print it, post it, put it in a mail. Hashroute sends each visitor to the destination you chose
              for where they are, and counts every click.
            </p>
            <CallToAction className="mt-8" />
          </div>
          <RoutesDemo />
        </section>
        <ClickStory />
        <Features />
      </main>
      <Footer />
    </>
  );
}

/** Offers what this instance can do for the visitor: set it up, sign up, or sign in. */
function CallToAction({ className }: { className?: string }) {
  const { data: setup, isPending } = useQuery({ ...getSetupOptions(), staleTime: 60_000 });
  // What comes is a row of buttons on most instances: nothing below it moves then.
  if (isPending && !wasSignedIn()) return <div className={cn("min-h-11", className)} />;
  if (setup?.needsSetup) {
    return (
      <div className={cn("max-w-lg rounded-xl border bg-card p-5 shadow-xs", className)}>
        <p className="flex items-center gap-2 font-semibold">
          <Terminal className="size-4 text-primary" aria-hidden="true" /> This instance is new
        </p>
        <p className="mt-1.5 text-muted-foreground text-sm">
          To create the first account, open the sign-up link that the server printed when it started. It
          contains{" "}
          <code className="rounded bg-muted px-1 py-0.5 font-mono text-foreground text-xs">
            /signup?setup=
          </code>{" "}
          and works once. Whoever opens it looks after this instance.
        </p>
      </div>
    );
  }
  const signedIn = wasSignedIn();
  return (
    <div className={cn("flex min-h-11 flex-wrap items-center gap-3", className)}>
      {signedIn && (
        <Link to="/app" className={buttonVariants({ size: "lg" })}>
          Open your links <ArrowRight aria-hidden="true" />
        </Link>
      )}
      {!signedIn && setup?.signUpOpen && (
        <Link to="/signup" className={buttonVariants({ size: "lg" })}>
          Create an account <ArrowRight aria-hidden="true" />
        </Link>
      )}
      {!signedIn && (
        <Link
          to="/login"
          className={buttonVariants({ size: "lg", variant: setup?.signUpOpen ? "outline" : "default" })}
        >
          Sign in
        </Link>
      )}
    </div>
  );
}

const moments = [
  {
    title: "A visitor opens the link",
    text: "In a browser, an app or from a printed code. No cookie is set and no address is kept.",
  },
  {
    title: "The country is looked up",
    text: "In a country database inside the server. Nothing is asked of anybody else.",
  },
  {
    title: "Your rule decides",
    text: "The destination for that country, or the default. Links sit in memory, so this takes microseconds.",
  },
  {
    title: "The click is on disk",
    text: (
      <>
        It is written before the answer leaves. End the process with{" "}
        <code className="whitespace-nowrap font-mono text-[0.8125rem] text-foreground">kill -9</code>: every
        answered click is still there.
      </>
    ),
  },
  {
    title: "The visitor arrives",
    text: "With a temporary redirect that nobody caches, so an edit takes effect at once.",
  },
];

function ClickStory() {
  return (
    <section aria-labelledby="story" className="border-y bg-sidebar">
      <div className="mx-auto w-full max-w-6xl px-4 py-14 sm:px-8 lg:py-20">
        <h2 id="story" className="max-w-xl font-semibold text-3xl">
          What happens between the click and the page
        </h2>
        <ol className="mt-9 grid gap-x-6 gap-y-7 sm:grid-cols-2 lg:grid-cols-5">
          {moments.map(({ title, text }, index) => (
            <li key={title} className="relative border-border border-t-2 pt-4">
              <span
                aria-hidden="true"
                className={cn(
                  "absolute -top-[0.4375rem] left-0 size-3 rounded-full border-2 border-sidebar",
                  index === 3 ? "bg-signal outline-2 outline-primary" : "bg-primary",
                )}
              />
              <h3 className="font-semibold text-sm">{title}</h3>
              <p className="mt-1 text-muted-foreground text-sm">{text}</p>
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}

function Footer() {
  return (
    <footer className="border-t">
      <div className="mx-auto flex w-full max-w-6xl flex-col items-start justify-between gap-x-6 gap-y-3 px-4 py-8 text-muted-foreground text-sm sm:flex-row sm:items-center sm:px-8">
        <p className="flex items-center gap-3">
          <LogoMark className="size-6" />
          Hashroute, smart links on your own machine.
        </p>
        <a href="/api/docs" className="focus-ring rounded underline-offset-4 hover:underline">
          API reference
        </a>
      </div>
    </footer>
  );
}
