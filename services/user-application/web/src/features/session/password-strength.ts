/** The API refuses shorter ones. */
export const shortestPassword = 8;

type Strength = 0 | 1 | 2 | 3 | 4;

export interface PasswordEstimate {
  strength: Strength;
  hint: string;
}

const common =
  /^(?:pass(?:word|wort)?|qwert[yz]*|azerty|letmein|welcome|admin|hashroute|iloveyou|secret|dragon|abc)[\W\d_]*$/i;

/** Steps of one in a row, up or down ("abcd", "4321"), or the same character again, carry next to no surprise. */
function surprisingCharacters(password: string): number {
  let surprising = 0;
  const seen = new Set<string>();
  let previous = Number.NaN;
  for (const character of password.toLowerCase()) {
    const code = character.codePointAt(0) ?? 0;
    const predictable = Math.abs(code - previous) <= 1;
    if (!predictable) surprising += seen.has(character) ? 0.5 : 1;
    seen.add(character);
    previous = code;
  }
  return surprising;
}

/**
 * A hint while typing, for the person; the server makes its own, stricter estimate and decides. `own` are words
 * that others know too: the name and the address.
 */
export function estimatePassword(password: string, own: readonly string[] = []): PasswordEstimate {
  if (password.length === 0)
    return { strength: 0, hint: `At least ${shortestPassword} characters. A few unrelated words work well.` };
  if (password.length < shortestPassword)
    return { strength: 1, hint: `Too short: use at least ${shortestPassword} characters.` };
  if (common.test(password))
    return { strength: 1, hint: "This is among the first that are tried. Choose another one." };

  let remaining = password.toLowerCase();
  for (const word of own.flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u))) {
    if (word.length >= 3) remaining = remaining.replaceAll(word, "");
  }
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) =>
    kind.test(password),
  ).length;
  const score = surprisingCharacters(remaining) + (kinds - 1) * 1.5;
  if (score < 8) return { strength: 1, hint: "Easy to guess. Add another word or two." };
  if (score < 11) return { strength: 2, hint: "Fair. Another word makes it a good one." };
  if (score < 14) return { strength: 3, hint: "Good." };
  return { strength: 4, hint: "Strong." };
}
