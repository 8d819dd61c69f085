/** Opens a page in a file with what the system uses for those. Where there is nothing, nothing happens. */
import { spawn } from "node:child_process";

export function openBrowser(file: string): void {
  const [command = "", ...args] = commandFor(process.platform, file);
  const opener = spawn(command, args, { stdio: "ignore", detached: true });
  opener.on("error", () => undefined); // The terminal shows an address as well.
  opener.unref();
}

const commands: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

function commandFor(platform: NodeJS.Platform, file: string): string[] {
  return [...(commands[platform] ?? ["xdg-open"]), file];
}
