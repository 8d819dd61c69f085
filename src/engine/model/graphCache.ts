/**
 * Where rewritten graphs are kept between runs: among this person's caches, where nobody else can
 * lay one that a model would be run from. They hold no weights and are made anew if lost.
 */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Undefined where this person has no place for caches; then nothing is kept. */
export const graphCache = graphCacheIn(process.platform, process.env);

export function graphCacheIn(
  platform: NodeJS.Platform,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  const caches = cachesIn(platform, environment);
  return caches && isAbsolute(caches) ? join(caches, "rkv-lens", "graphs") : undefined;
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
