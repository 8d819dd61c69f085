/**
 * What is checked of a stranger's model before onnxruntime sees it: onnxruntime trusts sizes that a
 * file declares, and one that lies makes it read past its memory, divide by zero, or fill the machine.
 */
import { GraphView } from "../graph/graphView";
import type { ParsedModel } from "../graph/modelFile";
import { printable, refuse } from "../modelRefused";
import {
  TensorProto_DataLocation as DataLocation,
  type GraphProto,
  type TensorProto,
} from "../proto/onnx_pb";
import { refuseUnlikeWeights } from "../weights/quantized";
import { heldBytes, tensorBytes } from "../graph/tensorData";
import { allGraphs, allTensors } from "../graph/walk";
import { type WeightFiles, externalData } from "../weights/weightFiles";

const downloadAgain = "download the model again";

/** Throws ModelRefused where a tensor or a quantized operator is not what the file says of it. */
export async function preflight({ graph }: ParsedModel, files: WeightFiles): Promise<void> {
  for (const each of allGraphs(graph)) refuseSparse(each);
  await checkWeights(graph, files);
  for (const each of allGraphs(graph)) refuseUnlikeWeights(new GraphView(each));
}

/** A sparse tensor says how large it gets, and nothing in the file need be as large. */
function refuseSparse({ sparseInitializer, node }: GraphProto): void {
  const attributes = node.flatMap(({ attribute }) => attribute);
  const found =
    sparseInitializer.at(0) ??
    attributes.flatMap((a) => (a.sparseTensor ? [a.sparseTensor] : a.sparseTensors)).at(0);
  if (found)
    refuse(
      `The weight “${printable(found.values?.name ?? "(constant)")}” is stored as a sparse tensor, whose size onnxruntime does not check`,
      "export the model with dense weights",
    );
}

/**
 * Checks every tensor of a model, those inside node attributes and bodies included: a sane size,
 * the data whole, external data in a file that may be read and that is long enough.
 */
export async function checkWeights(graph: GraphProto, files: WeightFiles): Promise<void> {
  for (const tensor of allTensors(graph))
    if (tensor.dataLocation === DataLocation.EXTERNAL) await checkExternal(tensor, files);
    else checkInline(tensor);
}

function checkInline(tensor: TensorProto): void {
  const [held, bytes] = [heldBytes(tensor), tensorBytes(tensor)];
  if (held !== bytes)
    refuse(
      `The weight “${printable(tensor.name || "(constant)")}” holds ${held} bytes where its shape asks for ${bytes ?? "no possible size"}`,
      downloadAgain,
    );
}

async function checkExternal(tensor: TensorProto, files: WeightFiles): Promise<void> {
  const { location, offset, length } = externalData(tensor);
  const bytes = tensorBytes(tensor);
  const label = `The weight “${printable(tensor.name)}”`;
  const file = await files.find(location);
  const needed = length ?? bytes;
  if (bytes === undefined || needed !== bytes || !(offset >= 0))
    refuse(
      `${label} names an impossible place in “${file.name}” (${needed} bytes at ${offset}, its shape asks for ${bytes})`,
      downloadAgain,
    );
  if (offset + needed > file.size)
    refuse(
      `The weight file “${file.name}” ends at ${file.size} bytes, and the weight “${printable(tensor.name)}” reaches to ${offset + needed}: it was not downloaded whole`,
      "download it again",
    );
}
