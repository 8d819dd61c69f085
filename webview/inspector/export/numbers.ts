import { inPieces } from "../model/pieces";
import { csv, listTable } from "../scene/table";
import { views, type ViewName } from "../views";
import { isEmpty, nothingToShow, type Subject } from "./viewPieces";

/** A table is the same at any size. */
const size = { width: 640, height: 320 };

/**
 * The numbers of a view as CSV; those of the lines behind a picked cell are a file of their own.
 * Rejects with an Error ready to be shown where there are none.
 */
export async function numbersOf(
  { state, data }: Subject,
  view: ViewName,
): Promise<{ name: string; text: string }[]> {
  const scene = await data.sceneOf(views[view].view, state, size);
  const table = scene.table();
  if (isEmpty(scene) && table.rows.length === 0) throw nothingToShow(view, scene);
  const numbers = { name: view, text: await inPieces(csv(table)) };
  if (!scene.list) return [numbers];
  return [numbers, { name: `${view}-list`, text: await inPieces(csv(listTable(scene.list))) }];
}
