import { readableOn, shadeFill, shades, type Theme, themeOf } from "../scene/theme";

/** The theme that the page is in. */
export function readTheme(body: HTMLElement): Theme {
  const style = getComputedStyle(body);
  return themeOf((name) => style.getPropertyValue(name));
}

/** Writes the shades of the text to CSS, where its tokens find them by class. */
export function writeShades(root: HTMLElement, theme: Theme): void {
  for (let level = 0; level <= shades; level++) {
    const fill = shadeFill(theme, level);
    root.style.setProperty(`--held-${level}`, level === 0 ? "transparent" : fill);
    root.style.setProperty(`--on-held-${level}`, level === 0 ? theme.muted : readableOn(fill));
  }
  root.style.setProperty("--mark", theme.orange);
}
