/**
 * In a browser: VS Code's theme that fits the person's settings, with the classes that VS Code
 * itself sets. `?theme=` with “dark”, “light”, “hc-black” or “hc-light” overrides them.
 */
import { isInEditor } from "./connection";

const classes = {
  dark: ["vscode-dark"],
  light: ["vscode-light"],
  "hc-black": ["vscode-high-contrast"],
  "hc-light": ["vscode-high-contrast", "vscode-high-contrast-light"],
};

type ThemeName = keyof typeof classes;

const queries = ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"];

export function applyBrowserTheme(): void {
  if (isInEditor()) return;
  for (const query of queries) window.matchMedia(query).addEventListener("change", apply);
  apply();
}

function apply(): void {
  const theme = wanted();
  document.body.dataset.theme = theme;
  document.body.classList.remove(...Object.values(classes).flat());
  document.body.classList.add(...classes[theme]);
}

function wanted(): ThemeName {
  const asked = new URLSearchParams(window.location.search).get("theme") ?? "";
  if (Object.hasOwn(classes, asked)) return asked as ThemeName;
  const [dark, contrast] = queries.map((query) => window.matchMedia(query).matches);
  if (contrast) return dark ? "hc-black" : "hc-light";
  return dark ? "dark" : "light";
}
