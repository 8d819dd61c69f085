/**
 * The stock graph, as a rewrite is compared with: unchanged but for two things that keep it from
 * running on every device from an empty cache. Ring-buffer caches become plain ones, and norms of
 * query and key leave the attention node.
 */
import { GraphBuilder } from "./graphBuilder";
import { intAttribute } from "./graphView";
import { readModelFile } from "./modelFile";
import { normInputs, normed } from "./patterns/fusedNorms";
import type { NodeProto } from "./proto/onnx_pb";
import { prune } from "./prune";
import { encode, resolved, understood, weightFilesOf } from "./rewriteModel";
import { checkWeights } from "./weightFiles";

/** As for a rewritten model: bytes, and the folder of their weights. Throws ModelRefused. */
export async function referenceGraph(modelFile: string) {
  const files = await weightFilesOf(modelFile);
  const parsed = await readModelFile(modelFile);
  await checkWeights(parsed.model, files);
  const bytes = understood(modelFile, () => {
    const builder = new GraphBuilder(parsed.graph, "rkv/");
    for (const node of [...parsed.graph.node])
      if (node.opType === "GroupQueryAttention") makeRunnable(builder, node);
    prune(parsed.graph, new Set());
    return encode(parsed);
  });
  return { bytes: await resolved(bytes, files), weightsFolder: files.folder };
}

function makeRunnable(g: GraphBuilder, node: NodeProto): void {
  node.attribute = node.attribute.filter(({ name }) => name !== "sliding_window_cache");
  const [query, key] = [node.input[normInputs.query], node.input[normInputs.key]];
  node.input[0] = normed(g, node, node.input[0], query, intAttribute(node, "num_heads", 0));
  node.input[1] = normed(g, node, node.input[1], key, intAttribute(node, "kv_num_heads", 0));
  node.input.length = Math.min(node.input.length, normInputs.query);
}
