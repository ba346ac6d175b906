/**
 * Keeps the width of the page's scrollbar in `--scrollbar-width`: a page that must not scroll under a dialog loses its scrollbar, and
 * keeps the room of it (styles.css), so that nothing moves. No `scrollbar-gutter`: dialogs could not cover that.
 */
export function watchScrollbar(): void {
  const root = document.documentElement;
  new ResizeObserver(() => {
    if (getComputedStyle(root).overflowY === "hidden") return;
    root.style.setProperty("--scrollbar-width", `${window.innerWidth - root.clientWidth}px`);
  }).observe(root);
}
