// Runs before the first paint, as a classic script: sets the theme without a flash of the other one.
// Kept in step with src/lib/theme.ts, which takes over once the application has started.
(() => {
  let choice = "system";
  try {
    choice = localStorage.getItem("hashroute.theme") || "system";
  } catch {
    // Storage is blocked: follow the system.
  }
  const dark =
    choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", dark);
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
})();
