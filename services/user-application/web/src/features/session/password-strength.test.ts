import { describe, expect, it } from "vitest";
import { estimatePassword } from "./password-strength";

describe("estimatePassword", () => {
  it.each(["short", "password1", "Qwertz123", "12345678901234", "aaaaaaaaaaaa", "abcdefghijkl"])(
    "calls %s weak",
    (password) => {
      expect(estimatePassword(password).strength).toBe(1);
    },
  );

  it.each(["orbit-lantern-97-moss", "correct horse battery staple", "vX9#kq2LmT!r"])(
    "calls %s good",
    (password) => {
      expect(estimatePassword(password).strength).toBeGreaterThanOrEqual(3);
    },
  );

  it("gives nothing for one's own name and address", () => {
    const own = ["Mira Adler", "mira.adler@northwind.coffee"];
    expect(estimatePassword("miraadler2026", own).strength).toBe(1);
    expect(estimatePassword("northwind-coffee", own).strength).toBe(1);
  });

  it("says what is expected before anything is typed", () => {
    expect(estimatePassword("")).toEqual({ strength: 0, hint: expect.stringContaining("8 characters") });
  });
});
