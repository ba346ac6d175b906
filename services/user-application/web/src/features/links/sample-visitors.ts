import { countriesOf, type ShortLink } from "./link";

/**
 * For some countries, a public address that is known to be there, and how the country is called in a sentence.
 * In the order in which they make good examples.
 */
const samples: Record<string, { address: string; from: string }> = {
  US: { address: "8.8.8.8", from: "the United States" },
  DE: { address: "194.25.0.125", from: "Germany" },
  GB: { address: "194.72.0.98", from: "the United Kingdom" },
  FR: { address: "80.67.169.12", from: "France" },
  JP: { address: "133.242.0.3", from: "Japan" },
  IN: { address: "202.54.1.30", from: "India" },
  BR: { address: "200.160.2.3", from: "Brazil" },
  CA: { address: "192.75.12.10", from: "Canada" },
  AU: { address: "139.130.4.5", from: "Australia" },
  MX: { address: "148.204.1.1", from: "Mexico" },
  CN: { address: "114.114.114.114", from: "China" },
  KR: { address: "168.126.63.1", from: "South Korea" },
  ES: { address: "130.206.1.2", from: "Spain" },
  IT: { address: "193.204.114.232", from: "Italy" },
  NL: { address: "193.0.6.139", from: "the Netherlands" },
  PL: { address: "194.204.159.1", from: "Poland" },
  AT: { address: "195.3.96.67", from: "Austria" },
  CH: { address: "130.59.31.251", from: "Switzerland" },
  BE: { address: "195.238.2.21", from: "Belgium" },
  DK: { address: "193.162.153.164", from: "Denmark" },
  IE: { address: "193.1.1.1", from: "Ireland" },
  NO: { address: "158.38.0.1", from: "Norway" },
  PT: { address: "193.136.2.1", from: "Portugal" },
  SE: { address: "130.242.80.14", from: "Sweden" },
};

/** Whether an address is that of this machine: the server believes forwarding headers that come from there. */
function isHere(url: string): boolean {
  return URL.canParse(url) && ["localhost", "127.0.0.1", "[::1]"].includes(new URL(url).hostname);
}

/**
 * A line for the terminal that follows the link once. On the server's own machine it speaks for a visitor from one of the link's
 * countries, where an address there is known; elsewhere nobody would believe it.
 */
export function tryCommand(link: Pick<ShortLink, "shortLink" | "geo">): {
  command: string;
  from: string | null;
} {
  const codes = countriesOf(link);
  const sample = isHere(link.shortLink)
    ? Object.entries(samples).find(([code]) => codes.includes(code))?.[1]
    : undefined;
  const header = sample ? `-H 'X-Forwarded-For: ${sample.address}' ` : "";
  return { command: `curl -si ${header}${link.shortLink}`, from: sample?.from ?? null };
}
