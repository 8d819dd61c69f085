/** llama.cpp through node-llama-cpp, on the CPU. */
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Runner, someIds } from "./serve";

export const llamaCppPackage = "node-llama-cpp@3.22.1";

/** What of the package is used here. */
interface Package {
  getLlama: (options: object) => Promise<{
    loadModel(options: { modelPath: string }): Promise<{
      createContext(options: { contextSize: number }): Promise<{ getSequence(): Sequence }>;
    }>;
  }>;
}

interface Sequence {
  clearHistory(): Promise<void>;
  evaluate(tokens: number[], options: object): AsyncGenerator<number>;
}

/** packages: the node_modules that it is installed in. */
export async function llamaCpp(
  packages: string,
  modelPath: string,
  contextSize: number,
): Promise<Runner> {
  const entry = path.join(packages, "node-llama-cpp", "dist", "index.js");
  const { getLlama } = (await import(pathToFileURL(entry).href)) as Package;
  const llama = await getLlama({ gpu: false, build: "never", logLevel: "error" });
  const model = await llama.loadModel({ modelPath });
  const sequence = (await model.createContext({ contextSize })).getSequence();
  let decoded: AsyncGenerator<number> | undefined;
  return {
    read: async (tokens) => {
      await decoded?.return(undefined);
      await sequence.clearHistory();
      decoded = sequence.evaluate(someIds(tokens), { temperature: 0, yieldEogToken: true });
      await decoded.next();
    },
    step: async () => {
      if ((await decoded?.next())?.done !== false) throw new Error("llama.cpp decodes no more.");
    },
  };
}
