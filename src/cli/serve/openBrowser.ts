/** Opens an address with what the system uses for addresses. Where there is nothing, nothing happens. */
import { spawn } from "node:child_process";

export function openBrowser(address: string): void {
  const [command = "", ...args] = commandFor(process.platform, address);
  const opener = spawn(command, args, { stdio: "ignore", detached: true });
  opener.on("error", () => undefined); // The address is printed as well.
  opener.unref();
}

function commandFor(platform: NodeJS.Platform, address: string): string[] {
  switch (platform) {
    case "darwin":
      return ["open", address];
    case "win32":
      return ["rundll32", "url.dll,FileProtocolHandler", address];
    default:
      return ["xdg-open", address];
  }
}
