/** A model folder that a person can choose. */
import { readdir } from "node:fs/promises";
import path from "node:path";

export interface FoundModel {
  folder: string;
  name: string;
  origin: "bundled" | "added" | "hub";
}

/** True if the folder, or its onnx folder, holds a graph. Reads names only. */
export async function hasModel(folder: string): Promise<boolean> {
  const places = [folder, path.join(folder, "onnx")];
  const names = await Promise.all(places.map((place) => readdir(place).catch((): string[] => [])));
  return names.flat().some((name) => name.endsWith(".onnx"));
}

/** The last part of a folder's path: what a person knows it by. */
export function nameOf(folder: string): string {
  return path.basename(folder) || folder;
}
