import { wasSignedIn } from "@/features/session/signed-in-hint";
import { nextThemeChoice, setThemeChoice, subscribeTheme, themeChoice, watchTheme } from "@/lib/theme";

const labels = { system: "System", light: "Light", dark: "Dark" } as const;

// The same drawings as the application's button has.
const drawings = {
  system: '<rect width="20" height="14" x="2" y="3" rx="2"/><path d="M8 21h8M12 17v4"/>',
  light:
    '<circle cx="12" cy="12" r="4"/><path d="M12 2v2M12 20v2M4.93 4.93l1.41 1.41M17.66 17.66l1.41 1.41M2 12h2M20 12h2M6.34 17.66l-1.41 1.41M19.07 4.93l-1.41 1.41"/>',
  dark: '<path d="M20.99 12.49A9 9 0 1 1 11.51 3a7 7 0 0 0 9.48 9.49z"/>',
} as const;

function drawThemeButton(button: HTMLElement): void {
  const choice = themeChoice();
  button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true">${drawings[choice]}</svg>`;
  button.title = `Theme: ${labels[choice]}`;
  button.setAttribute(
    "aria-label",
    `Theme: ${labels[choice]}. Change to ${labels[nextThemeChoice(choice)]}.`,
  );
  button.hidden = false;
}

/** What the header of both pages does: the theme shared with the application, and the way back to it. */
export function startHeader(): void {
  const button = document.getElementById("theme");
  if (button) {
    subscribeTheme(() => drawThemeButton(button));
    button.addEventListener("click", () => setThemeChoice(nextThemeChoice(themeChoice())));
  }
  watchTheme();

  const wayBack = document.getElementById("way-back");
  if (wayBack instanceof HTMLAnchorElement) {
    const signedIn = wasSignedIn();
    wayBack.href = signedIn ? "/app" : "/login";
    wayBack.textContent = signedIn ? "Your links" : "Sign in";
  }

  const origin = document.getElementById("origin");
  if (origin) origin.textContent = window.location.origin;
}
