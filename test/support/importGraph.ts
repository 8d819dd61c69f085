/** Which file imports which, and the circles that follow for folders. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

/** Files from the repository's root, with slashes. */
export interface Import {
  from: string;
  line: number;
  /** As written. */
  specifier: string;
  /** The file, where the specifier is a path to TypeScript. */
  to?: string;
}

/** Every import of the TypeScript in some folders, types and `import()` included. */
export function importsIn(...folders: string[]): Import[] {
  const files = new Set(folders.flatMap(typescriptIn));
  return [...files].flatMap((from) => {
    const text = readFileSync(from, "utf8");
    return ts.preProcessFile(text).importedFiles.map(({ fileName: specifier, pos }) => {
      const line = text.slice(0, pos).split("\n").length;
      const place = path.posix.join(path.posix.dirname(from), specifier);
      const candidates = specifier.startsWith(".") ? [`${place}.ts`, `${place}/index.ts`] : [];
      return { from, line, specifier, to: candidates.find((file) => files.has(file)) };
    });
  });
}

export function typescriptIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => path.posix.join(folder, name.replaceAll("\\", "/")))
    .filter((file) => file.endsWith(".ts"));
}

/**
 * The imports that close a circle: within each folder, its subfolders, each as a whole, and its own
 * files must import one another in one direction only.
 */
export function circles(imports: readonly Import[]): string[] {
  const levels = new Map<string, Edge[]>();
  for (const { from, line, to } of imports) {
    if (to === undefined) continue;
    const { folder, edge } = edgeOf(partsOf(from), partsOf(to), line);
    levels.set(folder, [...(levels.get(folder) ?? []), edge]);
  }
  return [...levels.values()].flatMap((edges) =>
    edges.filter((edge) => leadsBack(edges, edge)).map(({ words }) => words),
  );
}

interface Edge {
  from: string;
  to: string;
  words: string;
}

/** The layers in src stand beside webview, which some of them build on and others lie below. */
const partsOf = (file: string): string[] => file.replace(/^src\//, "src ").split("/");

/** The parts of the nearest common folder that an import leads from and to. */
function edgeOf(from: string[], to: string[], line: number): { folder: string; edge: Edge } {
  const fork = from.findIndex((part, i) => part !== to[i]);
  const [file, imported] = [from, to].map((parts) => parts.join("/").replace(/^src /, "src/"));
  const words = `${file}:${line} imports ${imported}`;
  const folder = from.slice(0, fork).join("/");
  return { folder, edge: { from: from[fork], to: to[fork], words } };
}

function leadsBack(edges: Edge[], { from, to }: Edge): boolean {
  const seen = new Set([to]);
  for (const part of seen) for (const edge of edges) if (edge.from === part) seen.add(edge.to);
  return seen.has(from);
}
