/** A repository's files, and the variants of its model: which files each graph needs. */
import path from "node:path";

export interface HubFile {
  /** Relative to the repository, with forward slashes. */
  path: string;
  size: number;
  /** Names the content: its sha256, or for small files the id that git gives to it. */
  blob: string;
}

/** One graph of a repository, with all that it needs to run. */
export interface Variant {
  /** The .onnx file that tells this variant from the others. */
  graph: string;
  files: HubFile[];
}

const smallFile = /(^|\/)[^/]+\.(json|jinja|txt|model)$/;
/** A graph's external data: “model.onnx_data”, “model.onnx.data” and what follows that. */
const dataFile = /^(.*?\.onnx)[_.]data[^/]*$/;

/** For each graph itself, its external data, and the small files beside it and at the top. */
export function variantsOf(files: readonly HubFile[]): Variant[] {
  const graphs = files.filter(({ path }) => path.endsWith(".onnx"));
  const data = grouped(files, ({ path }) => dataFile.exec(path)?.[1]);
  const small = grouped(files, ({ path }) => (smallFile.test(path) ? folderOf(path) : undefined));
  return graphs.map((graph) => {
    const folder = folderOf(graph.path);
    const places = folder === top ? [top] : [top, folder];
    const beside = places.flatMap((place) => small.get(place) ?? []);
    return { graph: graph.path, files: [...beside, graph, ...(data.get(graph.path) ?? [])] };
  });
}

const top = ".";

function folderOf(file: string): string {
  return path.posix.dirname(file);
}

function grouped(
  files: readonly HubFile[],
  keyOf: (file: HubFile) => string | undefined,
): Map<string, HubFile[]> {
  const groups = new Map<string, HubFile[]>();
  for (const file of files) {
    const key = keyOf(file);
    if (key === undefined) continue;
    const group = groups.get(key) ?? [];
    group.push(file);
    groups.set(key, group);
  }
  return groups;
}
