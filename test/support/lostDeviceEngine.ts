/**
 * The real engine on a device “cuda” that is the CPU, and that is lost after so many runs: LC_LOST,
 * a name that the engine's environment lets through, says “RUNS WORDS OF THE ERROR”.
 */
import "../../src/engine/runtime/runtimeEnvironment";
import { InferenceSession } from "onnxruntime-node";

type Create = (
  source: Uint8Array,
  options: InferenceSession.SessionOptions,
) => Promise<InferenceSession>;

const [, runs = "", words = ""] = /^(\d+) (.*)$/.exec(process.env.LC_LOST ?? "") ?? [];
let left = Number(runs);
const create = InferenceSession.create.bind(InferenceSession) as Create;

const createLosing: Create = async (source, options) => {
  if (!options.executionProviders?.includes("cuda")) return create(source, options);
  const session = await create(source, { ...options, executionProviders: ["cpu"] });
  const run = session.run.bind(session) as (...args: unknown[]) => Promise<unknown>;
  const losing = (...args: unknown[]): Promise<unknown> =>
    left-- > 0 ? run(...args) : Promise.reject(new Error(words));
  session.run = losing as typeof session.run;
  return session;
};
Object.assign(InferenceSession, { create: createLosing });
void import("../../src/engine/main");
