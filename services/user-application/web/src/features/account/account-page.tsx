import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { BookOpen, LogOut, ServerCog } from "lucide-react";
import { Page, PageHeader } from "@/components/app/page";
import { Badge } from "@/components/ui/badge";
import { Button, buttonVariants } from "@/components/ui/button";
import { Card, CardContent, CardDescription, CardHeader, CardTitle } from "@/components/ui/card";
import { sessionOptions } from "@/features/session/session";
import { useSignOut } from "@/features/session/use-sign-out";
import { formatDate } from "@/lib/dates";
import { ThemePicker } from "./theme-picker";

export function AccountPage() {
  const { data } = useSuspenseQuery(sessionOptions());
  const { user } = data;
  const signOut = useSignOut();
  return (
    <Page>
      <PageHeader title="Account" description={user.email} />
      <div className="grid gap-5 lg:grid-cols-2">
        <Card>
          <CardHeader>
            <CardTitle>Profile</CardTitle>
          </CardHeader>
          <CardContent>
            <dl className="grid gap-x-8 gap-y-4 text-sm sm:grid-cols-2">
              <Detail term="Name">{user.name ?? "Not given"}</Detail>
              <Detail term="E-mail address">
                <span className="break-all">{user.email}</span>
              </Detail>
              <Detail term="Member since">{formatDate(user.createdAt)}</Detail>
              {user.isInstanceAdmin && (
                <Detail term="Instance">
                  <Badge variant="signal">Administrator</Badge>
                </Detail>
              )}
            </dl>
          </CardContent>
        </Card>
        <Card>
          <CardHeader>
            <CardTitle>Appearance</CardTitle>
            <CardDescription>Kept in this browser.</CardDescription>
          </CardHeader>
          <CardContent>
            <ThemePicker />
          </CardContent>
        </Card>
        <Card>
          <CardHeader>
            <CardTitle>Session</CardTitle>
            <CardDescription>Signing out ends the session on the server at once.</CardDescription>
          </CardHeader>
          <CardContent className="mt-auto">
            <Button variant="outline" onClick={() => signOut.mutate({})}>
              <LogOut aria-hidden="true" /> Sign out
            </Button>
          </CardContent>
        </Card>
        <Card>
          <CardHeader>
            <CardTitle>For programs</CardTitle>
            <CardDescription>
              Everything this dashboard does is in the API. Keys for it are in each workspace's settings.
            </CardDescription>
          </CardHeader>
          <CardContent className="mt-auto">
            <a href="/api/docs" className={buttonVariants({ variant: "outline" })}>
              <BookOpen aria-hidden="true" /> API reference
            </a>
          </CardContent>
        </Card>
        {user.isInstanceAdmin && (
          <Card>
            <CardHeader>
              <CardTitle>This instance</CardTitle>
              <CardDescription>Its queues, what failed in them, and what runs by itself.</CardDescription>
            </CardHeader>
            <CardContent className="mt-auto">
              <Link to="/app/admin" className={buttonVariants({ variant: "outline" })}>
                <ServerCog aria-hidden="true" /> Look after the instance
              </Link>
            </CardContent>
          </Card>
        )}
      </div>
    </Page>
  );
}

function Detail({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted-foreground text-xs">{term}</dt>
      <dd className="mt-1 font-medium">{children}</dd>
    </div>
  );
}
