/** Requests to one hub: redirects, the token, what no answer means, and an end to endless answers. */
import type * as z from "zod";
import { UnreachableError } from "./unreachable";

/** Bytes; far more than any listing takes. */
const longestAnswer = 4 << 20;
const answerMillis = 30_000;
const mostRedirects = 5;
const checkEndpoint = "check the setting rkv.hub.endpoint";

export class HubConnection {
  readonly endpoint: string;

  /** @param endpoint may have a path, as a mirror's can. */
  constructor(
    endpoint: string,
    private readonly token?: string,
  ) {
    this.endpoint = endpoint.replace(/\/+$/, "");
  }

  /** What lies at an address below the endpoint, if the schema takes it. Rejects with an Error to be shown. */
  async json<S extends z.ZodType>(address: string, schema: S): Promise<z.infer<S>> {
    const response = await this.fetch(address, {}, AbortSignal.timeout(answerMillis));
    const what = address.replace(/\?.*/, "");
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(explainStatus(response.status, what));
    }
    const parsed = schema.safeParse(jsonOf(await this.textOf(response)));
    if (parsed.success) return parsed.data;
    throw new Error(
      `${this.endpoint} answers ${what} as no hub does: ${checkEndpoint}, and whether your network asks you to sign in first.`,
    );
  }

  /** Follows redirects; the token goes to the hub's own host only. Aborts with the signal's reason. */
  async fetch(
    address: string,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Response> {
    let url = this.webAddress(this.endpoint + address);
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const response = await this.fetchOnce(url, headers, signal);
      const location = response.headers.get("location");
      if (response.status < 300 || response.status >= 400 || !location) return response;
      await response.body?.cancel();
      url = this.webAddress(location, url);
    }
    throw new Error(`${this.endpoint} redirects in a circle: ${checkEndpoint}.`);
  }

  private async fetchOnce(
    url: URL,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Response> {
    const all = { ...headers, ...this.credentials(url) };
    try {
      return await fetch(url, { headers: all, redirect: "manual", signal });
    } catch (error) {
      throw isOfCaller(signal) ? error : new UnreachableError(url, error);
    }
  }

  private credentials(url: URL): Record<string, string> {
    if (!this.token || url.origin !== new URL(this.endpoint).origin) return {};
    return { Authorization: `Bearer ${this.token}` };
  }

  private webAddress(address: string, base?: URL): URL {
    const url = URL.canParse(address, base?.href) ? new URL(address, base) : undefined;
    if (url && /^https?:$/.test(url.protocol)) return url;
    const which = base ? `${this.endpoint} redirects to what` : `“${this.endpoint}”`;
    throw new Error(`${which} is no address of the web: ${checkEndpoint}.`);
  }

  /** Undefined where it is too long; what is left of it is not taken. */
  private async textOf(response: Response): Promise<string | undefined> {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    try {
      for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
        bytes += piece.byteLength;
        if (bytes > longestAnswer) return undefined;
        pieces.push(piece);
      }
    } catch (error) {
      throw new UnreachableError(new URL(this.endpoint), error);
    }
    return Buffer.concat(pieces).toString();
  }
}

/** What a status of 400 or more means, in a sentence for the person; `what` was asked for. */
export function explainStatus(status: number, what: string): string {
  if (status === 401 || status === 403)
    return `The hub refuses access to ${what}: set an access token, and accept the model's terms on its page.`;
  if (status === 404) return `The hub has no ${what}: check the spelling.`;
  if (status === 407) return `The proxy refuses access to ${what}: check the setting http.proxy.`;
  return `The hub answered with status ${status} for ${what}: try again later.`;
}

/** A caller's reason to stop is not the server's fault; a time limit is. */
function isOfCaller({ aborted, reason }: AbortSignal): boolean {
  return aborted && !(reason instanceof Error && reason.name === "TimeoutError");
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
