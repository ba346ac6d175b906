import { Link } from "@tanstack/react-router";
import { buttonVariants } from "@/components/ui/button-variants";

export function NotFoundPage() {
  return (
    <main id="main" className="grid min-h-[80dvh] place-items-center p-6 text-center">
      <title>Page not found · Hashroute</title>
      <div>
        <p className="font-display font-semibold text-7xl text-muted-foreground tracking-tight">404</p>
        <h1 className="mt-4 font-semibold text-2xl">This road leads nowhere</h1>
        <p className="mt-2 max-w-sm text-muted-foreground">
          The page does not exist, or you have no access to it with this account.
        </p>
        <Link to="/" className={buttonVariants({ variant: "outline", className: "mt-6" })}>
          Go to the start
        </Link>
      </div>
    </main>
  );
}
