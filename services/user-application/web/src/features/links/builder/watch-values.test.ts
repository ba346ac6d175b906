import { describe, expect, it } from "vitest";
import type { Rule } from "@/api/gen";
import { sampleLink } from "../link.fixture";
import { mapApiErrors } from "./api-errors";
import { intervalChoices, intervalName } from "./intervals";
import { validate } from "./validation";
import { emptyValues, inputOf, newRow, sameValues, valuesOf } from "./values";
import { backupsOf, newBackup } from "./watch-values";

const rule: Rule = {
  when: { type: "country", op: "in", value: ["DE"] },
  destinations: [{ url: "https://a.example" }],
  backups: ["https://b.example/"],
};
const link = sampleLink({
  geo: { DE: "https://de.example", FR: "https://fr.example" },
  backupUrls: ["https://one.example/", "https://two.example/"],
  geoBackupUrls: { FR: ["https://fr2.example/"] },
  rules: [rule],
  monitor: { enabled: true, interval: 900, phrases: { available: ["on sale"], unavailable: [] } },
  clickValue: { minor: 250, currency: "EUR" },
});
const given = { link, rules: [rule] };
const base = { url: "https://example.com", backups: [], rules: [] };

describe("what is sent about watching", () => {
  it("is nothing while nothing about it changes", () => {
    const {
      url: _url,
      geo: _geo,
      domain: _domain,
      key: _key,
      title: _title,
      comments: _comments,
      ...rest
    } = inputOf(valuesOf(link), given);
    expect(rest).toEqual({});
    expect(sameValues(valuesOf(link), valuesOf(link))).toBe(true);
  });

  it("is the backups in their order, with their schemes", () => {
    const values = valuesOf(link);
    values.backups = [...values.backups].reverse().concat(newBackup("three.example"));
    expect(inputOf(values, given).backupUrls).toEqual([
      "https://two.example/",
      "https://one.example/",
      "https://three.example",
    ]);
    expect(sameValues(values, valuesOf(link))).toBe(false);
  });

  it("clears backups that were removed", () => {
    const values = { ...valuesOf(link), backups: [], rules: [{ backups: [] }] };
    values.rows = values.rows.map((row) => ({ ...row, backups: [] }));
    const input = inputOf(values, given);
    expect(input).toMatchObject({ backupUrls: [], geoBackupUrls: null });
    expect(input.rules).toEqual([{ when: rule.when, destinations: rule.destinations }]);
  });

  it("is the backups of the country that has them", () => {
    const values = {
      ...emptyValues(),
      url: "a.example",
      rows: [newRow("DE", "b.example", ["c.example"]), newRow("FR", "d.example")],
    };
    expect(inputOf(values).geoBackupUrls).toEqual({ DE: ["https://c.example"] });
  });

  it("leaves the phrases of the monitor alone", () => {
    expect(inputOf({ ...valuesOf(link), monitored: false }, given).monitor).toEqual({
      enabled: false,
      interval: 900,
      phrases: { available: ["on sale"], unavailable: [] },
    });
    expect(inputOf({ ...valuesOf(link), interval: "" }, given).monitor?.interval).toBeNull();
  });

  it("is the value of a click, or that there is none", () => {
    expect(inputOf({ ...valuesOf(link), worth: "3", currency: "usd" }, given).clickValue).toEqual({
      minor: 300,
      currency: "USD",
    });
    expect(inputOf({ ...valuesOf(link), worth: " " }, given).clickValue).toBeNull();
  });
});

describe("what is wrong with backups", () => {
  it("is said at the backup", () => {
    const values = {
      ...emptyValues(),
      url: "https://example.com",
      backups: backupsOf(["", "example.com", "b.example", "https://b.example", "ftp://c.example"]),
      rows: [newRow("DE", "https://de.example", ["de.example"])],
    };
    expect(validate(values)).toEqual({
      "backups[0].url": "Enter an address, or remove this backup.",
      "backups[1].url": "A destination cannot be its own backup. Enter another address.",
      "backups[3].url": "This backup is in the list already. Remove one of them.",
      "backups[4].url": "Links can lead to http and https addresses, not to ftp: ones.",
      "rows[0].backups[0].url": "A destination cannot be its own backup. Enter another address.",
    });
  });

  it("goes where the API's path points", () => {
    const values = {
      ...emptyValues(),
      backups: backupsOf(["a", "b"]),
      rules: [{ backups: [] }, { backups: backupsOf(["c"]) }],
      rows: [newRow(), newRow("DE", "d", ["e", "f"])],
    };
    const paths = [
      "backupUrls[1]",
      "rules[1].backups[0]",
      "geoBackupUrls.DE[1]",
      "monitor.interval",
      "clickValue.minor",
    ];
    const errors = paths.map((path) => ({ path, message: path }));
    expect(mapApiErrors({ code: "unprocessable_entity", message: "", errors }, values)).toEqual({
      fields: {
        "backups[1].url": "backupUrls[1]",
        "rules[1].backups[0].url": "rules[1].backups[0]",
        "rows[1].backups[1].url": "geoBackupUrls.DE[1]",
        interval: "monitor.interval",
        worth: "clickValue.minor",
      },
      form: null,
    });
  });

  it("is said above the buttons where the form has no such backup", () => {
    const errors = ["backupUrls", "backupUrls[7]", "geoBackupUrls.FR[0]", "rules[0].backups[0]"].map(
      (path) => ({ path, message: path }),
    );
    const mapped = mapApiErrors(
      { code: "unprocessable_entity", message: "", errors },
      { ...emptyValues(), ...base },
    );
    expect(mapped.fields).toEqual({});
    expect(mapped.form).toContain("geoBackupUrls.FR[0]");
  });

  it("includes a value that is no amount", () => {
    const values = { ...emptyValues(), url: "https://example.com", worth: "much", currency: "E" };
    expect(Object.keys(validate(values))).toEqual(["worth", "currency"]);
    expect(validate({ ...values, worth: "" })).toEqual({});
  });
});

describe("intervals", () => {
  it.each([
    [60, "Every minute"],
    [900, "Every 15 minutes"],
    [5_400, "Every 90 minutes"],
    [604_800, "Every 7 days"],
    [61, "Every 61 seconds"],
  ])("of %d seconds are called %j", (seconds, name) => {
    expect(intervalName(seconds)).toBe(name);
  });

  it("set through the API can be kept", () => {
    expect(intervalChoices("90").map(({ value }) => value)).toContain("90");
    expect(intervalChoices("").map(({ value }) => value)).not.toContain("0");
  });
});
