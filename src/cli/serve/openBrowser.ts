/** Opens an address with what the system uses for addresses. Where there is nothing, nothing happens. */
import { spawn } from "node:child_process";

export function openBrowser(address: string): void {
  const [command = "", ...args] = commandFor(process.platform, address);
  const opener = spawn(command, args, { stdio: "ignore", detached: true });
  opener.on("error", () => undefined); // The address is printed as well.
  opener.unref();
}

const commands: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

function commandFor(platform: NodeJS.Platform, address: string): string[] {
  return [...(commands[platform] ?? ["xdg-open"]), address];
}
