/**
 * Where a model's weights lie, and that they lie nowhere else. A model file comes from a stranger
 * and names the files its weights are in; only plain files beside it are read, or, in the Hugging
 * Face cache, the blobs that its links lead to.
 */
import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { printable, refuse } from "../modelRefused";
import {
  StringStringEntryProtoSchema,
  TensorProto_DataLocation as DataLocation,
  type GraphProto,
  type TensorProto,
} from "../proto/onnx_pb";
import { allTensors } from "../graph/walk";

/** Stands for the model file itself as the place of a weight, whatever the file is called. */
export const modelFileItself = "";

export interface WeightFile {
  /** Its name in `folder`. */
  name: string;
  size: number;
}

/** The files beside one model; each is looked at once. */
export class WeightFiles {
  private readonly files = new Map<string, Promise<WeightFile>>();

  private constructor(
    /** Holds every weight file; what onnxruntime is given as the place to look. */
    readonly folder: string,
    private readonly linkFolder: string,
    private readonly modelName: string,
    private readonly inCache: boolean,
  ) {}

  /** Throws ModelRefused for a link to elsewhere; rejects with the system's error where there is nothing. */
  static async of(modelFile: string): Promise<WeightFiles> {
    const linkFolder = await realpath(dirname(modelFile));
    const real = await realpath(modelFile);
    const folder = dirname(real);
    const inCache = basename(folder) === "blobs" && isInside(linkFolder, dirname(folder));
    if (folder !== linkFolder && !inCache)
      refuse(
        `${modelFile} is a link to a file in another folder`,
        "choose the folder that holds the file itself",
      );
    return new WeightFiles(folder, linkFolder, basename(real), inCache);
  }

  /** The file a tensor’s `location` stands for. Throws ModelRefused where it may not be read. */
  find(location: string): Promise<WeightFile> {
    const known = this.files.get(location) ?? this.inspect(location);
    this.files.set(location, known);
    return known;
  }

  private async inspect(location: string): Promise<WeightFile> {
    const name = location === modelFileItself ? this.modelName : location.replace(/^\.\//, "");
    if (!isPlainName(name))
      refuse(
        `The model asks for weights in “${printable(location)}”, and only files beside the model file are read`,
        "put the weights beside the model file and export it again",
      );
    const path = join(location === modelFileItself ? this.folder : this.linkFolder, name);
    const real = await realpath(path).catch(() => missing(name));
    if (dirname(real) !== this.folder)
      refuse(
        `The weight file “${name}” is a link that leads out of the model’s folder`,
        "put the file itself there",
      );
    return this.plainFile(real, name);
  }

  private async plainFile(real: string, name: string): Promise<WeightFile> {
    const file = await lstat(real);
    if (!file.isFile())
      refuse(
        `The weight file “${name}” is a folder, a pipe or a device and no file`,
        "download the model again",
      );
    if (file.nlink > 1 && !this.inCache && name !== this.modelName)
      refuse(
        `The weight file “${name}” is a hard link, so that it may be a file from elsewhere`,
        "copy the file, so that the folder holds one of its own",
      );
    return { name: basename(real), size: file.size };
  }
}

function missing(name: string): never {
  return refuse(
    `The weight file “${name}” is missing beside the model file`,
    "download it to the same folder",
  );
}

/** Where a tensor's bytes lie outside of the graph; offset and length in bytes. */
export interface ExternalData {
  location: string;
  offset: number;
  /** Absent where the shape says it. */
  length?: number;
}

/** As the tensor says it; without a location it is one that is never found. */
export function externalData(tensor: TensorProto): ExternalData {
  const entry = (key: string) => tensor.externalData.find((e) => e.key === key)?.value;
  const length = entry("length");
  return {
    location: entry("location") ?? "/",
    offset: Number(entry("offset") ?? 0),
    length: length === undefined ? undefined : Number(length),
  };
}

/** Says where a tensor lies, and nothing else: a second entry of a key would be read for the first. */
export function placeOutside(tensor: TensorProto, place: ExternalData): void {
  tensor.dataLocation = DataLocation.EXTERNAL;
  tensor.externalData = Object.entries(place)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => create(StringStringEntryProtoSchema, { key, value: String(value) }));
}

/** Points every external tensor at the file's real name in `files.folder`. */
export async function resolveWeights(graph: GraphProto, files: WeightFiles): Promise<void> {
  for (const tensor of allTensors(graph)) {
    if (tensor.dataLocation !== DataLocation.EXTERNAL) continue;
    const place = externalData(tensor);
    placeOutside(tensor, { ...place, location: (await files.find(place.location)).name });
  }
}

function isInside(path: string, repository: string): boolean {
  return path.startsWith(join(repository, "snapshots"));
}

function isPlainName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[/\\:\0]/.test(name);
}
