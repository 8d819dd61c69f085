/**
 * Products of the same rows with several weights, as one product with the weights beside each
 * other: one program of a GPU for query, key and value. onnxruntime joins the weights as it loads
 * them, so that the graph holds them once and as the export stored them.
 */
import type { GraphBuilder } from "../graph/graphBuilder";
import { intAttribute, type GraphView } from "../graph/graphView";
import type { AttributeProto, NodeProto } from "../proto/onnx_pb";

/** A MatMul or MatMulNBits, and the vector that is added to its result. */
interface Product {
  node: NodeProto;
  bias?: string;
}

const columnsOf = "N";

/** The results beside each other in one value; undefined where the products are not of one kind. */
export function joinProducts(
  g: GraphBuilder,
  view: GraphView,
  results: readonly string[],
): string | undefined {
  const products = results.map((result) => productOf(view, result));
  const found = products.filter((product) => product !== undefined);
  if (found.length < products.length || !areOfOneKind(view, found)) return undefined;
  const joined = join(
    g,
    found.map(({ node }) => node),
  );
  const biases = found.map(({ bias }) => bias);
  if (biases.some((bias) => bias === undefined)) return joined;
  return g.node("Add", [joined, g.node("Concat", biases as string[], { axis: 0 })]);
}

function productOf(view: GraphView, result: string): Product | undefined {
  const node = view.producer(view.source(result, "Reshape"));
  if (node?.opType !== "Add") return node && { node };
  const bias = node.input.find((value) => view.constant(value)?.dims.length === 1);
  const product = bias && view.producer(node.input.find((value) => value !== bias) ?? "");
  return product ? { node: product, bias } : undefined;
}

/** Weights are matrices of one type; what is not a weight, and every attribute, is the same. */
function areOfOneKind(view: GraphView, products: readonly Product[]): boolean {
  const [{ node: first }] = products;
  // A Reshape before would leave the result without its batch.
  if (!isJoinable(view, first) || view.producer(first.input[0])?.opType === "Reshape") return false;
  const kinds = products.map(({ node, bias }) => [
    node.opType,
    node.input[0],
    bias === undefined,
    ...node.input.slice(1).map((weight) => kindOf(view, weight)),
    ...node.attribute.filter(({ name }) => name !== columnsOf).map(attributeKey),
  ]);
  return kinds.every((kind) => kind.join() === kinds[0].join() && !kind.includes(notWeight));
}

const notWeight = "no weight";

function isJoinable(view: GraphView, { opType, input }: NodeProto): boolean {
  if (opType === "MatMul") return view.constant(input[1])?.dims.length === 2;
  const orderOfRows = 4;
  return opType === "MatMulNBits" && !input[orderOfRows];
}

/** Type and number of dimensions; the joined axis alone may differ in size. */
function kindOf(view: GraphView, name: string): string {
  if (!name) return "none";
  const tensor = view.constant(name);
  return tensor ? `${tensor.dataType} ${tensor.dims.length}` : notWeight;
}

function attributeKey({ name, i, f }: AttributeProto): string {
  return `${name} ${i} ${f}`;
}

function join(g: GraphBuilder, products: readonly NodeProto[]): string {
  const [{ opType, domain, input, attribute }] = products;
  const axis = opType === "MatMul" ? 1 : 0;
  const weights = input.slice(1).map((name, i) =>
    name
      ? g.node(
          "Concat",
          products.map((product) => product.input[i + 1]),
          { axis },
        )
      : "",
  );
  const columns = products.reduce((sum, node) => sum + intAttribute(node, columnsOf, 0), 0);
  const attributes = Object.fromEntries(
    attribute.map(({ name, i }) => [name, name === columnsOf ? columns : Number(i)]),
  );
  return g.node(opType, [input[0], ...weights], attributes, { domain });
}
