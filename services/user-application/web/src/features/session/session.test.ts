import { describe, expect, it } from "vitest";
import { safeReturnPath } from "./session";
import { rememberSignedIn, wasSignedIn } from "./signed-in-hint";

describe("safeReturnPath", () => {
  it.each([
    ["/app/northwind/links?q=menu", "/app/northwind/links?q=menu"],
    ["/app", "/app"],
  ])("returns to %s", (next, path) => {
    expect(safeReturnPath(next)).toBe(path);
  });

  it.each([
    undefined,
    "",
    "https://evil.example/app",
    "//evil.example/app",
    "/\\evil.example/app",
    "/application",
    "/app/../login",
    "/app/../../api/auth/sign-out",
    "javascript:alert(1)",
  ])("does not follow %s", (next) => {
    expect(safeReturnPath(next)).toBeUndefined();
  });
});

describe("the hint of the last sign-in", () => {
  it("lasts until signing out", () => {
    expect(wasSignedIn()).toBe(false);
    rememberSignedIn(true);
    expect(wasSignedIn()).toBe(true);
    rememberSignedIn(false);
    expect(wasSignedIn()).toBe(false);
  });
});
