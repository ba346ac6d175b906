const usual = [300, 900, 3_600, 21_600, 86_400];

const units = [
  { seconds: 86_400, one: "day", many: "days" },
  { seconds: 3_600, one: "hour", many: "hours" },
  { seconds: 60, one: "minute", many: "minutes" },
  { seconds: 1, one: "second", many: "seconds" },
];

/** "Every hour", "Every 15 minutes": in the largest unit that needs no fraction. */
export function intervalName(seconds: number): string {
  const unit = units.find((each) => seconds % each.seconds === 0) ?? {
    seconds: 1,
    one: "second",
    many: "seconds",
  };
  const count = seconds / unit.seconds;
  return count === 1 ? `Every ${unit.one}` : `Every ${count} ${unit.many}`;
}

/** What there is to choose from, and what was set through the API besides. */
export function intervalChoices(current: string): { value: string; label: string }[] {
  const chosen = Number(current);
  const all = chosen > 0 && !usual.includes(chosen) ? [...usual, chosen].sort((a, b) => a - b) : usual;
  return all.map((seconds) => ({ value: String(seconds), label: intervalName(seconds) }));
}
