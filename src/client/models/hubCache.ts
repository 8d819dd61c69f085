/** Where the Hugging Face libraries keep what they downloaded, and which models lie there. */
import { readdir } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { readBounded } from "../../disk/regularFile";
import { type FoundModel, hasModel } from "./foundModel";
import { isRepositoryId } from "./hubNames";

/** Bytes: a hash, or a branch's name. */
const longestRevision = 1024;

/** HF_HUB_CACHE, else HF_HOME/hub, else the cache folder's huggingface/hub. */
export function hubCacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = environment;
  const home =
    HF_HOME ?? path.join(XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"), "huggingface");
  return HF_HUB_CACHE ?? HUGGINGFACE_HUB_CACHE ?? path.join(home, "hub");
}

/** The folder's name in the cache. Throws a RangeError for what could lead out of it. */
export function repositoryFolder(repository: string): string {
  if (!isRepositoryId(repository)) throw new RangeError(`“${repository}” names no repository.`);
  return `models--${repository.replaceAll("/", "--")}`;
}

/** One for each repository that has a graph in its main snapshot. */
export async function findInHubCache(cache = hubCacheFolder()): Promise<FoundModel[]> {
  const names = await readdir(cache).catch((): string[] => []);
  const repositories = names.filter((name) => name.startsWith("models--"));
  const found = await Promise.all(repositories.map((name) => findInRepository(cache, name)));
  return found.flat();
}

async function findInRepository(cache: string, name: string): Promise<FoundModel[]> {
  const repository = name.slice("models--".length).replaceAll("--", "/");
  const folder = await newestSnapshot(path.join(cache, name));
  if (folder === undefined) return [];
  return (await hasModel(folder)) ? [{ folder, name: repository, origin: "hub" }] : [];
}

/** The one that main points to, else any. */
async function newestSnapshot(repository: string): Promise<string | undefined> {
  const snapshots = path.join(repository, "snapshots");
  const revisions = await readdir(snapshots).catch((): string[] => []);
  const reference = path.join(repository, "refs", "main");
  const main = String(await readBounded(reference, longestRevision).catch(() => "")).trim();
  const revision = revisions.includes(main) ? main : revisions[0];
  return revision === undefined ? undefined : path.join(snapshots, revision);
}
