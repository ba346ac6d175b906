import { Link } from "@tanstack/react-router";
import { buttonVariants } from "@/components/ui/button";
import { wasSignedIn } from "@/features/session/signed-in-hint";
import { Logo } from "./logo";
import { ThemeButton } from "./theme-button";

export function PublicHeader() {
  const signedIn = wasSignedIn();
  return (
    <header className="mx-auto flex w-full max-w-6xl items-center gap-1 px-4 py-4 sm:px-8">
      <Link to="/" className="focus-ring mr-auto rounded-md">
        <Logo />
      </Link>
      <a href="/api/docs" className={buttonVariants({ variant: "ghost", className: "max-sm:hidden" })}>
        API
      </a>
      <ThemeButton />
      {signedIn ? (
        <Link to="/app" className={buttonVariants({ className: "ml-1 max-sm:px-3" })}>
          <span className="max-sm:hidden">Open your links</span>
          <span className="sm:hidden">Your links</span>
        </Link>
      ) : (
        <Link to="/login" className={buttonVariants({ variant: "outline", className: "ml-1 max-sm:px-3" })}>
          Sign in
        </Link>
      )}
    </header>
  );
}
