import type { HealthState } from "@/api/gen";

/** Why a check came to its verdict, by the API's code, in words that follow "Because" or stand by themselves. */
const reasons: Readonly<Record<string, string>> = {
  buy_control: "There is a button to buy, book or order, and it can be used.",
  preorder: "It can be ordered in advance.",
  in_stock: "The page says that it is in stock.",
  variant_available: "At least one variant can be had.",
  structured_in_stock: "The page’s data for machines says that it is in stock.",
  content: "An ordinary page with content.",
  file: "A file is served.",
  custom_available: "A phrase you gave says that it is available.",
  out_of_stock: "It is sold out.",
  all_variants_out: "Every variant is sold out.",
  discontinued: "It is no longer offered.",
  offer_ended: "The offer has ended.",
  coming_soon: "It is not to be had yet.",
  buy_control_disabled: "The button to buy it cannot be used.",
  structured_out_of_stock: "The page’s data for machines says that it is sold out.",
  soft_not_found: "The page says that there is no such page.",
  redirected_home: "It redirects to the home page.",
  redirected_listing: "It redirects to a list of other things.",
  parked: "The site is no longer in use.",
  custom_not_available: "A phrase you gave says that it is not available.",
  not_found: "There is no such page.",
  gone: "The page was removed.",
  redirect_loop: "It redirects without end.",
  tls_error: "Its certificate is not to be trusted.",
  server_error: "Its server reports an error.",
  name_not_found: "There is no such host.",
  dns_error: "Its host cannot be looked up.",
  connection_refused: "Its server refuses connections.",
  connection_reset: "Its server cuts the connection off.",
  timed_out: "It does not answer in time.",
  invalid_response: "Its server does not answer with HTTP.",
  network_error: "It cannot be reached.",
  refused_by_guard: "Its address is not one that may be visited from here.",
  bot_wall: "The site asks visitors to prove that they are people.",
  geo_wall: "The site does not show it where the check comes from.",
  login_wall: "The site asks visitors to sign in.",
  consent_wall: "The site shows nothing before consent to cookies.",
  age_wall: "The site asks for the visitor’s age.",
  forbidden: "The site does not let the check in.",
  rate_limited: "The site asks to be visited less often.",
  legal_block: "The site may not show it for legal reasons.",
  unexpected_status: "Its server answers in an unexpected way.",
  error_page: "The page reports an error.",
  default_page: "The server shows the page it came with.",
  empty: "The page is empty.",
  not_rendered: "The page had not finished loading.",
  not_a_page: "It is not a page.",
  too_large: "The page is too large.",
  crashed: "The page brings the browser down.",
  redirected_elsewhere: "It redirects to another site.",
  conflict: "The page contradicts itself.",
  no_signal: "Nothing on the page says whether it can be had.",
};

/** A reason in a sentence. Codes this version does not know are shown as they are: better than nothing. */
export function reasonText(code: string): string {
  return reasons[code] ?? `${code.charAt(0).toUpperCase()}${code.slice(1).replaceAll("_", " ")}.`;
}

export const stateNames: Readonly<Record<HealthState, string>> = {
  unknown: "Not checked yet",
  ok: "Healthy",
  suspect: "Suspect",
  broken: "Broken",
};
