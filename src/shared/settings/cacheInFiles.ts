/** Cache settings as files have them: traces and kept choices call the observation window `window`. */
import { cacheSettingsSchema } from "./settings";

const { observationWindow, ...others } = cacheSettingsSchema.shape;

/** What a schema of such a file is made of; `fromFile` turns what it read into settings. */
export const cacheShapeInFiles = { ...others, window: observationWindow };

/** What such a schema has read, under the code's keys. */
export function fromFile<T extends { window: number }>({ window, ...others }: T) {
  return { ...others, observationWindow: window };
}

/** The same entries in the same order, under the files' keys. */
export function inFile(settings: { observationWindow: number }): Record<string, unknown> {
  const keys: Record<string, string> = { observationWindow: "window" };
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]): [string, unknown] => [keys[key] ?? key, value]),
  );
}
