/**
 * Markdown as the model writes it, cut into top-level blocks that can be rendered one by one.
 * Nothing in it can reach out: HTML is text, images and link addresses are shown as text, and
 * there are no reference definitions, so that no block can change what another one says.
 */
import MarkdownIt from "markdown-it";
import { addMath } from "./mathRules";

export interface Block {
  /** Lines of the source, from `start` on and before `end`. */
  start: number;
  end: number;
  html: () => string;
}

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false });
markdown.disable("reference");
markdown.use(addMath);

type Token = ReturnType<typeof markdown.parse>[number];

const { rules } = markdown.renderer;
const escape = markdown.utils.escapeHtml;

rules.link_open = (tokens, index) => {
  const address = String(tokens[index]?.attrGet("href") ?? "");
  return isWebAddress(address)
    ? `<button type="button" class="link" data-address="${escape(address)}">`
    : `<span class="deadLink" title="${escape(address)}">`;
};

rules.link_close = (tokens, index) =>
  isWebAddress(addressClosedAt(tokens, index)) ? "</button>" : "</span>";

rules.image = (tokens, index) => {
  const token = tokens[index];
  const address = String(token?.attrGet("src") ?? "");
  return `<span class="image">[image: ${escape(token?.content ?? "")} ${escape(address)}]</span>`;
};

rules.th_open = cell;
rules.td_open = cell;

function cell(tokens: Token[], index: number): string {
  const token = tokens[index];
  const side = /right|center/.exec(String(token?.attrGet("style") ?? ""))?.[0];
  return side ? `<${token?.tag} class="${side}">` : `<${token?.tag}>`;
}

rules.fence = (tokens, index) => codeBlock(tokens[index]);
rules.code_block = (tokens, index) => codeBlock(tokens[index]);

function codeBlock(token: Token | undefined): string {
  const language = /^[\w+#-]+/.exec(token?.info ?? "")?.[0] ?? "";
  return `<pre data-language="${escape(language)}"><code>${escape(token?.content ?? "")}</code></pre>`;
}

function addressClosedAt(tokens: Token[], close: number): string {
  const open = tokens.slice(0, close).findLast(({ type }) => type === "link_open");
  return String(open?.attrGet("href") ?? "");
}

function isWebAddress(address: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === "https:";
}

export function parseBlocks(source: string): Block[] {
  const groups: Token[][] = [];
  for (const token of markdown.parse(source, {})) {
    const group = groups.at(-1);
    if (token.level > 0 || token.nesting === -1) group?.push(token);
    else groups.push([token]);
  }
  return groups.map((tokens) => ({
    start: tokens[0]?.map?.[0] ?? 0,
    end: tokens[0]?.map?.[1] ?? 0,
    html: () => markdown.renderer.render(tokens, markdown.options, {}),
  }));
}
