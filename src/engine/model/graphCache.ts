import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where rewritten graphs are kept between runs: they hold no weights and are made anew if lost. */
export const graphCache = join(tmpdir(), "rkv-lens-graphs");
