/** The codicons that the views use, as drawn by VS Code. */
import add from "@vscode/codicons/src/icons/add.svg";
import attach from "@vscode/codicons/src/icons/attach.svg";
import check from "@vscode/codicons/src/icons/check.svg";
import chevronDown from "@vscode/codicons/src/icons/chevron-down.svg";
import chevronRight from "@vscode/codicons/src/icons/chevron-right.svg";
import close from "@vscode/codicons/src/icons/close.svg";
import copy from "@vscode/codicons/src/icons/copy.svg";
import edit from "@vscode/codicons/src/icons/edit.svg";
import ellipsis from "@vscode/codicons/src/icons/ellipsis.svg";
import end from "@vscode/codicons/src/icons/arrow-right.svg";
import error from "@vscode/codicons/src/icons/error.svg";
import exportIcon from "@vscode/codicons/src/icons/export.svg";
import file from "@vscode/codicons/src/icons/file.svg";
import history from "@vscode/codicons/src/icons/history.svg";
import info from "@vscode/codicons/src/icons/info.svg";
import insert from "@vscode/codicons/src/icons/insert.svg";
import inspect from "@vscode/codicons/src/icons/graph.svg";
import layers from "@vscode/codicons/src/icons/layers.svg";
import live from "@vscode/codicons/src/icons/record.svg";
import loading from "@vscode/codicons/src/icons/loading.svg";
import model from "@vscode/codicons/src/icons/chip.svg";
import pause from "@vscode/codicons/src/icons/debug-pause.svg";
import pin from "@vscode/codicons/src/icons/pin.svg";
import pinned from "@vscode/codicons/src/icons/pinned.svg";
import play from "@vscode/codicons/src/icons/play.svg";
import refresh from "@vscode/codicons/src/icons/refresh.svg";
import search from "@vscode/codicons/src/icons/search.svg";
import send from "@vscode/codicons/src/icons/send.svg";
import stop from "@vscode/codicons/src/icons/debug-stop.svg";
import trash from "@vscode/codicons/src/icons/trash.svg";
import warning from "@vscode/codicons/src/icons/warning.svg";

const drawings = {
  add,
  attach,
  check,
  chevronDown,
  chevronRight,
  close,
  copy,
  edit,
  ellipsis,
  end,
  error,
  export: exportIcon,
  file,
  history,
  info,
  insert,
  inspect,
  layers,
  live,
  loading,
  model,
  pause,
  pin,
  pinned,
  play,
  refresh,
  search,
  send,
  stop,
  trash,
  warning,
};

export type IconName = keyof typeof drawings;

/** Sixteen pixels square, in the text's colour; the element around it carries the name. */
export function icon(name: IconName): Element {
  const drawing = new DOMParser().parseFromString(drawings[name], "image/svg+xml").documentElement;
  drawing.setAttribute("aria-hidden", "true");
  drawing.setAttribute("class", "icon");
  return document.importNode(drawing, true);
}
