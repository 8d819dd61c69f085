/**
 * The only file that knows @vscode/webview-ui-toolkit (archived upstream): what the views use of
 * it, as small functions, so that another toolkit can take its place here alone.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeTextField,
} from "@vscode/webview-ui-toolkit";
import { element } from "./dom";
import { icon, type IconName } from "./icons";

provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeTextField());

export interface ButtonOptions {
  label: string;
  /** Shown before the label. */
  icon?: IconName;
  appearance?: "primary" | "secondary";
  onClick: (event: MouseEvent) => void;
}

export function button({ label, icon: name, appearance, onClick }: ButtonOptions): HTMLElement {
  const made = element("vscode-button", { appearance: appearance ?? "primary", onclick: onClick });
  if (name) made.append(slotted(icon(name)));
  made.append(label);
  return made;
}

export interface IconButtonOptions {
  /** Its name for screen readers, and its tooltip. */
  label: string;
  icon: IconName;
  onClick: (event: MouseEvent) => void;
}

export function iconButton({ label, icon: name, onClick }: IconButtonOptions): HTMLElement {
  return element(
    "vscode-button",
    { appearance: "icon", "aria-label": label, title: label, onclick: onClick },
    icon(name),
  );
}

export interface TextFieldOptions {
  label: string;
  placeholder: string;
  icon?: IconName;
  onInput: (value: string) => void;
}

export function textField({ label, placeholder, icon: name, onInput }: TextFieldOptions) {
  const made: HTMLElement & { value?: string } = element("vscode-text-field", {
    "aria-label": label,
    placeholder,
    oninput: () => onInput(made.value ?? ""),
  });
  if (name) made.append(slotted(icon(name)));
  return made;
}

function slotted(child: Element): Element {
  child.setAttribute("slot", "start");
  return child;
}
