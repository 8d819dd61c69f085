/**
 * What ONNX Runtime does on a GPU, counted from its own log: it names each program that it starts
 * and says where it places each node. The counting process marks the log with what it runs, and the
 * process that started it counts between the marks.
 */
import "../../src/engine/runtime/runtimeEnvironment";
import { writeSync } from "node:fs";
import { InferenceSession, type Tensor } from "onnxruntime-node";

/** What a piece of work took. */
export interface GpuCounts {
  /** Runs of sessions. */
  runs: number;
  dispatches: number;
  /** Tensors given from the host and to the host: each is a mapped allocation of its own. */
  uploads: number;
  downloads: number;
  /** Nodes run on the CPU, and nodes that copy for them. */
  cpuNodes: number;
  copyNodes: number;
}

type Create = (
  source: Uint8Array | string,
  options: InferenceSession.SessionOptions,
) => Promise<InferenceSession>;
type Run = (
  feeds: Record<string, Tensor>,
  fetches?: readonly string[] | Record<string, Tensor | null>,
) => Promise<Record<string, Tensor>>;

const logged = 2;
const markOf = { created: "@created", run: "@run", begun: "@begun", ended: "@ended" };

function mark(...words: (string | number)[]): void {
  writeSync(logged, `${words.join(" ")}\n`);
}

/** Lets every session made from now on write its whole log to the standard error, with marks. */
export function logGpuWork(): void {
  const create = InferenceSession.create.bind(InferenceSession) as Create;
  let sessions = 0;
  const createLogged: Create = async (source, options) => {
    const session = await create(source, { ...options, logSeverityLevel: 0 });
    const number = sessions++;
    mark(markOf.created, number);
    const run = session.run.bind(session) as Run;
    const runMarked: Run = async (feeds, fetches) => {
      const results = await run(feeds, fetches);
      mark(markOf.run, number, uploadsOf(feeds), downloadsOf(results));
      return results;
    };
    session.run = runMarked as typeof session.run;
    return session;
  };
  Object.assign(InferenceSession, { create: createLogged });
}

/** What only the host reads of what it gives: lengths and shapes. */
const readOnHost = /^(total_sequence_length|length|candidates|shape|start|end)\b/;

function uploadsOf(feeds: Record<string, Tensor>): number {
  return Object.entries(feeds).filter(
    ([name, { location }]) => location === "cpu" && !readOnHost.test(name),
  ).length;
}

function downloadsOf(results: Record<string, Tensor>): number {
  return Object.values(results).filter(({ location }) => location === "cpu").length;
}

/** Does a piece of work whose log is to be counted under a name. */
export async function counted<T>(name: string, work: () => Promise<T>): Promise<T> {
  mark(markOf.begun, name);
  const result = await work();
  mark(markOf.ended, name);
  return result;
}

/** What each piece of work took, by its name. */
export function countsIn(log: string): Map<string, GpuCounts> {
  const counts = new Map<string, GpuCounts>();
  const placed: { cpuNodes: number; copyNodes: number }[] = [];
  let fresh = { cpuNodes: 0, copyNodes: 0 };
  let open: GpuCounts | undefined;
  for (const line of log.split("\n")) {
    const [word, name, ...numbers] = line.split(" ");
    if (word === markOf.created) {
      placed[Number(name)] = fresh;
      fresh = { cpuNodes: 0, copyNodes: 0 };
    } else if (word === markOf.begun) {
      open = { runs: 0, dispatches: 0, uploads: 0, downloads: 0, cpuNodes: 0, copyNodes: 0 };
      counts.set(line.slice(word.length + 1), open);
    } else if (word === markOf.ended) open = undefined;
    else if (word === markOf.run && open) {
      open.runs += 1;
      open.uploads += Number(numbers[0]);
      open.downloads += Number(numbers[1]);
      open.cpuNodes += placed[Number(name)].cpuNodes;
      open.copyNodes += placed[Number(name)].copyNodes;
    } else if (open && line.includes("Starting program")) open.dispatches += 1;
    const nodes = /laced on \[CPUExecutionProvider\]\. Number of nodes: (\d+)/.exec(line);
    if (nodes) fresh.cpuNodes += Number(nodes[1]);
    if (/Add Memcpy(To|From)Host/.test(line)) fresh.copyNodes += 1;
  }
  return counts;
}
