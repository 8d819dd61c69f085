/** The Hugging Face hub's interface, as far as finding and fetching an ONNX model needs it. */
import * as z from "zod";
import { HubConnection } from "./hubConnection";
import { isRepositoryId, isSafePath } from "./hubNames";
import { type Variant, variantsOf } from "./listing";

export interface ModelVariant extends Variant {
  repository: string;
  /** The commit that all files are taken from. */
  commit: string;
}

const searchSchema = z.array(z.object({ id: z.string() }));
const aboutSchema = z.object({ sha: z.string().regex(/^[0-9a-f]{40}$/) });
const treeSchema = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    size: z.number().int().nonnegative(),
    oid: z.string().regex(/^[0-9a-f]{40}$/),
    lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/) }).optional(),
  }),
);

const mostFiles = 5_000;

export class Hub {
  private readonly connection: HubConnection;

  constructor(endpoint: string, token?: string) {
    this.connection = new HubConnection(endpoint, token);
  }

  get endpoint(): string {
    return this.connection.endpoint;
  }

  /** Ids of repositories with ONNX files, most downloaded first. */
  async search(words: string): Promise<string[]> {
    const query = new URLSearchParams({
      search: words,
      filter: "onnx",
      sort: "downloads",
      limit: "30",
    });
    const found = await this.connection.json(`/api/models?${query.toString()}`, searchSchema);
    return found.map(({ id }) => id).filter(isRepositoryId);
  }

  /** Rejects with an Error to be shown where the hub has no such repository, or tells nonsense. */
  async variants(repository: string): Promise<ModelVariant[]> {
    if (!isRepositoryId(repository))
      throw new Error(
        `“${repository}” names no repository: give one such as onnx-community/Qwen3-0.6B-ONNX.`,
      );
    const { sha } = await this.connection.json(
      `/api/models/${repository}/revision/main`,
      aboutSchema,
    );
    const place = `/api/models/${repository}/tree/${sha}`;
    const tree = await this.connection.json(`${place}?recursive=true`, treeSchema);
    if (tree.length > mostFiles)
      throw new Error(`${repository} lists ${tree.length} files: choose a model's repository.`);
    const files = tree
      .filter(({ type, path }) => type === "file" && isSafePath(path))
      .map(({ path, size, oid, lfs }) => ({ path, size, blob: lfs?.oid ?? oid }));
    return variantsOf(files).map((variant) => ({ repository, commit: sha, ...variant }));
  }

  /** Asks for a file from byte `from` on; the token goes to the hub's own host only. */
  async fetchFile(
    { repository, commit }: ModelVariant,
    file: string,
    from: number,
    signal: AbortSignal,
  ): Promise<Response> {
    const headers: Record<string, string> = from > 0 ? { Range: `bytes=${from}-` } : {};
    return this.connection.fetch(
      `/${repository}/resolve/${commit}/${encodeURI(file)}`,
      headers,
      signal,
    );
  }
}
