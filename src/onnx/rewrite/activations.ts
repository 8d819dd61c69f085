/**
 * With which activations int4 products compute on the CPU. An export whose maker set no
 * accuracy_level computes with them as they are; rounded to 8 bits, block by block as the weights
 * are, they take half the time.
 */
import { create } from "@bufbuild/protobuf";
import { intAttribute } from "../graph/graphView";
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  type GraphProto,
} from "../proto/onnx_pb";

const name = "accuracy_level";
const [leftOpen, eightBits] = [0, 4n];

/** Rounds the activations of every int4 product whose export leaves it open; false where none does. */
export function roundActivations(graph: GraphProto): boolean {
  const open = graph.node.filter(
    (node) =>
      node.opType === "MatMulNBits" &&
      intAttribute(node, "bits", 4) === 4 &&
      intAttribute(node, name, leftOpen) === leftOpen,
  );
  for (const node of open) {
    const level = create(AttributeProtoSchema, { name, type: AttributeType.INT, i: eightBits });
    node.attribute = [...node.attribute.filter((each) => each.name !== name), level];
  }
  return open.length > 0;
}
