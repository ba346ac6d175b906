/** The assigned codes of ISO 3166-1 alpha-2: what the API accepts as a key of `geo`. */
const assigned =
  "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
  "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR " +
  "GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
  "KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT " +
  "MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
  "SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG " +
  "UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/** Names people type that are neither the code nor the English name. */
const aliases: Record<string, string> = {
  AE: "UAE Emirates",
  CD: "DRC Zaire",
  CI: "Ivory Coast",
  CZ: "Czech Republic",
  DE: "Deutschland",
  ES: "España",
  GB: "UK England Scotland Wales Britain",
  KP: "DPRK",
  KR: "Korea",
  MK: "Macedonia",
  MM: "Burma",
  NL: "Holland",
  SZ: "Swaziland",
  TR: "Turkey",
  US: "USA America",
};

const names = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });

export type Country = { code: string; name: string };

/** The English name of a country, or "Unknown country" for clicks whose country could not be found. */
export function countryName(code: string | null | undefined): string {
  if (!code || !/^[A-Za-z]{2}$/.test(code)) return "Unknown country";
  const upper = code.toUpperCase();
  return upper === "ZZ" || upper === "XX" ? "Unknown country" : (names.of(upper) ?? upper);
}

/** The flag as a pair of regional indicator letters; systems without flag emoji show the two letters. */
export function countryFlag(code: string): string {
  return String.fromCodePoint(...[...code.toUpperCase()].map((letter) => 0x1f1a5 + letter.charCodeAt(0)));
}

/** Every country a link can be routed by, in the order of their names. */
export const countries: readonly Country[] = assigned
  .split(" ")
  .map((code) => ({ code, name: countryName(code) }))
  .sort((a, b) => a.name.localeCompare(b.name, "en"));

function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "")
    .toLowerCase();
}

function words(text: string): string[] {
  return fold(text).split(/[^\p{Letter}\p{Number}]+/u);
}

const searchable = new Map(
  countries.map(({ code, name }) => [
    code,
    { name: fold(name), words: words(`${name} ${aliases[code] ?? ""}`), aliases: words(aliases[code] ?? "") },
  ]),
);

/**
 * How well a country answers a search: 0 is its code or another name of it, higher is worse, null is no match.
 * Accents and case do not matter; every word typed must begin a word of the name or of one of its other names.
 */
function countryRank(country: Country, query: string): number | null {
  const wanted = fold(query.trim());
  if (wanted === "") return 3;
  if (country.code.toLowerCase() === wanted) return 0;
  const entry = searchable.get(country.code);
  if (!entry) return null;
  if (entry.aliases.includes(wanted)) return 0;
  if (entry.name.startsWith(wanted)) return 1;
  const everyWordBeginsOne = words(wanted).every((part) => entry.words.some((word) => word.startsWith(part)));
  return everyWordBeginsOne ? 2 : null;
}

/** The countries that answer a search, best first. */
export function searchCountries(query: string): Country[] {
  return countries
    .map((country) => ({ country, rank: countryRank(country, query) }))
    .filter((found): found is { country: Country; rank: number } => found.rank !== null)
    .sort((a, b) => a.rank - b.rank)
    .map(({ country }) => country);
}
