/** transformers.js on the CPU, on the very file that this engine rewrites. */
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Runner, someIds } from "./serve";

export const transformersJsPackage = "@huggingface/transformers@4.3.1";

/** The export computes the logits of every token: all at once would take gigabytes. */
const chunkTokens = 512;

/** What of the package is used here. */
interface Package {
  env: { allowRemoteModels: boolean; localModelPath: string };
  Tensor: new (type: "int64", data: BigInt64Array, dims: number[]) => unknown;
  AutoModelForCausalLM: {
    from_pretrained(folder: string, options: object): Promise<Model>;
  };
}

interface Tensor {
  dims: number[];
  data: Float32Array;
}

type Model = (inputs: object) => Promise<Record<string, Tensor>>;

/** packages: the node_modules that it is installed in. */
export async function transformersJs(packages: string, folder: string): Promise<Runner> {
  const dist = path.join(packages, "@huggingface", "transformers", "dist");
  const entry = pathToFileURL(path.join(dist, "transformers.node.mjs")).href;
  const { AutoModelForCausalLM, Tensor, env } = (await import(entry)) as Package;
  env.allowRemoteModels = false;
  env.localModelPath = path.dirname(folder);
  const options = { dtype: "fp32", device: "cpu", local_files_only: true };
  const model = await AutoModelForCausalLM.from_pretrained(path.basename(folder), options);
  let past: Record<string, Tensor> | null = null;
  let [length, next] = [0, 0];
  const row = (values: number[]) =>
    new Tensor("int64", BigInt64Array.from(values, BigInt), [1, values.length]);
  const feed = async (ids: number[]): Promise<void> => {
    length += ids.length;
    const mask = Array<number>(length).fill(1);
    const inputs = { input_ids: row(ids), attention_mask: row(mask), past_key_values: past };
    const { logits, ...present } = await model(inputs);
    const grown = Object.entries(present);
    past = Object.fromEntries(
      grown.map(([name, rows]) => [name.replace("present", "past_key_values"), rows]),
    );
    const last = logits.data.subarray(-logits.dims[2]);
    next = last.reduce((best, logit, id) => (logit > last[best] ? id : best), 0);
  };
  return {
    read: async (tokens) => {
      [past, length] = [null, 0];
      const ids = someIds(tokens);
      for (let at = 0; at < tokens; at += chunkTokens) await feed(ids.slice(at, at + chunkTokens));
    },
    step: () => feed([next]),
  };
}
