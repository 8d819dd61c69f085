/** Models that ended an engine, remembered in files of ours that the next engine looks for. */
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { makePrivateFolder } from "../../disk/privateFiles";
import { writeWhole } from "../../disk/wholeFile";
import { type EngineEnd, isAbort, modelsDoing } from "./engineEnd";

const mostRecords = 256;

/** Never rejects: where nothing can be kept, the model crashes once more. */
export async function rememberCrash(end: EngineEnd): Promise<EngineEnd> {
  const did = modelsDoing(end);
  const record = end.trial?.record;
  if (did === undefined || record === undefined || isAbort(end)) return end;
  try {
    const folder = path.dirname(record);
    await makePrivateFolder(folder);
    const names = await readdir(folder);
    if (names.length >= mostRecords) await rm(path.join(folder, names[0]));
    await writeWhole(record, JSON.stringify({ did, at: new Date().toISOString() }));
  } catch {
    // A folder that cannot be written.
  }
  return end;
}
