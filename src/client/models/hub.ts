/** The Hugging Face hub's interface, as far as finding and fetching an ONNX model needs it. */
import path from "node:path";
import * as z from "zod";

export interface HubFile {
  /** Relative to the repository, with forward slashes. */
  path: string;
  size: number;
  /** Names the content: its sha256, or for small files the id that git gives to it. */
  blob: string;
}

export interface ModelVariant {
  repository: string;
  /** The commit that all files are taken from. */
  commit: string;
  /** The .onnx file that tells this variant from the others. */
  graph: string;
  files: HubFile[];
}

const treeSchema = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    size: z.number().nonnegative(),
    oid: z.string().regex(/^[0-9a-f]{40}$/),
    lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/) }).optional(),
  }),
);

const smallFile = /(^|\/)[^/]+\.(json|jinja|txt|model)$/;

export class Hub {
  readonly endpoint: string;

  /** @param endpoint may have a path, as a mirror's can. */
  constructor(
    endpoint: string,
    private readonly token?: string,
  ) {
    this.endpoint = endpoint.replace(/\/+$/, "");
  }

  /** Ids of repositories with ONNX files, most downloaded first. */
  async search(words: string): Promise<string[]> {
    const query = new URLSearchParams({
      search: words,
      filter: "onnx",
      sort: "downloads",
      limit: "30",
    });
    const found = await this.json(`/api/models?${query.toString()}`);
    return z
      .array(z.object({ id: z.string() }))
      .parse(found)
      .map(({ id }) => id);
  }

  async variants(repository: string): Promise<ModelVariant[]> {
    const about = await this.json(`/api/models/${repository}/revision/main`);
    const { sha: commit } = z.object({ sha: z.string().regex(/^[0-9a-f]{40}$/) }).parse(about);
    const tree = await this.json(`/api/models/${repository}/tree/${commit}?recursive=true`);
    const files = treeSchema
      .parse(tree)
      .filter(({ type, path }) => type === "file" && isSafePath(path))
      .map(({ path, size, oid, lfs }) => ({ path, size, blob: lfs?.oid ?? oid }));
    return files
      .filter(({ path }) => path.endsWith(".onnx"))
      .map(({ path: graph }) => ({ repository, commit, graph, files: filesOf(graph, files) }));
  }

  /** Asks for a file from byte `from` on; the token goes to the hub's own host only. */
  async fetchFile(
    { repository, commit }: ModelVariant,
    file: string,
    from: number,
    signal: AbortSignal,
  ): Promise<Response> {
    const headers = from > 0 ? { Range: `bytes=${from}-` } : undefined;
    return this.fetch(`/${repository}/resolve/${commit}/${encodeURI(file)}`, headers, signal);
  }

  private async json(address: string): Promise<unknown> {
    const response = await this.fetch(address, undefined, AbortSignal.timeout(30_000));
    if (response.ok) return response.json();
    throw new Error(explainStatus(response.status, address.replace(/\?.*/, "")));
  }

  private async fetch(
    address: string,
    headers: Record<string, string> | undefined,
    signal: AbortSignal,
  ): Promise<Response> {
    let url = new URL(this.endpoint + address);
    for (let redirects = 0; redirects <= 5; redirects++) {
      const response = await fetch(url, {
        headers: { ...headers, ...this.credentials(url) },
        redirect: "manual",
        signal,
      });
      const location = response.headers.get("location");
      if (response.status < 300 || response.status >= 400 || !location) return response;
      await response.body?.cancel();
      url = new URL(location, url);
    }
    throw new Error(`${this.endpoint} redirects in a circle: check the setting rkv.hub.endpoint.`);
  }

  private credentials(url: URL): Record<string, string> {
    if (!this.token || url.origin !== new URL(this.endpoint).origin) return {};
    return { Authorization: `Bearer ${this.token}` };
  }
}

export function explainStatus(status: number, what: string): string {
  if (status === 401 || status === 403)
    return `The hub refuses access to ${what}: set an access token, and accept the model's terms on its page.`;
  if (status === 404) return `The hub has no ${what}: check the spelling.`;
  return `The hub answered with status ${status} for ${what}: try again later.`;
}

/** The graph, its external data, and the small files beside it and at the top. */
function filesOf(graph: string, files: HubFile[]): HubFile[] {
  const folder = path.posix.dirname(graph);
  return files.filter(({ path: name }) => {
    const place = path.posix.dirname(name);
    const isData = name.startsWith(`${graph}_data`) || name.startsWith(`${graph}.data`);
    return (
      name === graph || isData || ((place === "." || place === folder) && smallFile.test(name))
    );
  });
}

const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Plain names only: nothing that could leave the cache's folder on any system. */
export function isSafePath(file: string): boolean {
  return file
    .split("/")
    .every((part) => /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(part) && !deviceName.test(part));
}
