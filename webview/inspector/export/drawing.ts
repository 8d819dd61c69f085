/** A figure as it is exported: the picture, and where the view is a text, the words in sight. */
import { setWords, type SetWord } from "../scene/flowPicture";
import { layOut } from "../scene/layOut";
import type { Picture } from "../scene/picture";
import type { Scene, Size } from "../scene/scene";
import type { Theme } from "../scene/theme";

export interface Drawing {
  picture: Picture;
  words: SetWord[];
}

/** @param first the first token that a text shows */
export function drawingOf(scene: Scene, size: Size, theme: Theme, first = 0): Drawing {
  const words = scene.flow ? setWords(scene.flow, size, first, theme) : [];
  return { picture: layOut(scene, size), words };
}
