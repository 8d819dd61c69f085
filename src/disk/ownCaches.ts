/**
 * What is kept between runs lies among this person's caches, where nobody else can lay a graph that
 * a model would be run from. It holds no weights and is made anew if lost.
 */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Undefined where this person has no place for caches; then nothing is kept. */
const own = ownCacheIn(process.platform, process.env);

/** Rewritten graphs. */
export const graphCache = own && join(own, "graphs");
/** A file for each graph that ended an engine. */
export const crashRecords = own && join(own, "crashes");
/** A file for each model, of what a step took on each device. */
export const deviceSpeeds = own && join(own, "speeds");

/** Undefined where the system names no place, or none that is absolute. */
export function ownCacheIn(
  platform: NodeJS.Platform,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  const caches = cachesIn(platform, environment);
  return caches && isAbsolute(caches) ? join(caches, "rkv-lens") : undefined;
}

function cachesIn(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): string | undefined {
  if (platform === "win32") return environment.LOCALAPPDATA;
  const home = environment.HOME ?? homeOfUser();
  if (platform === "darwin") return home && join(home, "Library", "Caches");
  const { XDG_CACHE_HOME: chosen } = environment;
  return chosen && isAbsolute(chosen) ? chosen : home && join(home, ".cache");
}

/** A user id without an entry in the system's list has none, and asking throws. */
function homeOfUser(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
