/** What each view looks like where there is little to see: made up, to be read at a glance. */
import type { Scene } from "../scene/scene";
import type { ViewName } from "../views";

export const helpPictures: Partial<Record<ViewName, Scene>> = {};
