/** All models a person can choose without downloading one: bundled, added by hand, in the hub's cache. */
import type { Choice } from "../../shared/chat/chatApi";
import { type FoundModel, hasModel, nameOf } from "./foundModel";
import { findInHubCache } from "./hubCache";

export const bundledModelName = "Pocket Reasoner";

/** Bundled first, then those added by hand, then the cache's; of those added only what is there. */
export async function findModels(bundled: string, added: string[]): Promise<FoundModel[]> {
  const present = await Promise.all(added.map(hasModel));
  return [
    { folder: bundled, name: bundledModelName, origin: "bundled" },
    ...added
      .filter((_, index) => present[index])
      .map((folder): FoundModel => ({ folder, name: nameOf(folder), origin: "added" })),
    ...(await findInHubCache()),
  ];
}

const originWords: Record<FoundModel["origin"], string> = {
  bundled: "comes with R-KV Lens",
  added: "added by you",
  hub: "in the Hugging Face cache",
};

export function modelChoices(models: FoundModel[], current: string): Choice[] {
  return models.map(({ folder, name, origin }) => ({
    value: folder,
    label: name,
    description: originWords[origin],
    detail: origin === "bundled" ? "" : folder,
    current: folder === current,
  }));
}
