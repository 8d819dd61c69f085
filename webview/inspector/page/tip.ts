/** A word of explanation that appears while the pointer or the keyboard is on what it explains. */
import { setText } from "../../common/dom";
import { openBeside, popover } from "./popover";

const tip = popover({ class: "tip", role: "tooltip", id: "tip" }, "manual");

/** @param words made when they are read */
export function explain(target: HTMLElement, words: () => string): void {
  const show = (): void => {
    if (!tip.isConnected) document.body.append(tip);
    setText(tip, words());
    target.setAttribute("aria-describedby", tip.id);
    openBeside(tip, target);
  };
  const hide = (): void => {
    target.removeAttribute("aria-describedby");
    if (tip.isConnected) tip.hidePopover();
  };
  const shows = ["pointerenter", "focus"] as const;
  for (const event of shows) target.addEventListener(event, show);
  for (const event of ["pointerleave", "blur"] as const) target.addEventListener(event, hide);
  target.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") hide();
  });
}
