import type { Scale } from "./looks";
import { levelOf, pixel, type Theme } from "./theme";

const nothing = 0;

/** The pixel (little-endian ABGR) for a number of a matrix; 0, transparent, for NaN. */
export function pixelsOf(scale: Scale, theme: Theme): (value: number) => number {
  const painted = painterOf(scale, theme);
  return (value) => (Number.isNaN(value) ? nothing : painted(value));
}

function painterOf(scale: Scale, theme: Theme): (value: number) => number {
  switch (scale.scale) {
    case "held":
    case "heldAtEnd":
      return (share) => theme.heldPixels[levelOf(share)];
    case "agreed": {
      const greys = Uint32Array.from({ length: 256 }, (_, at) => pixel(theme.agreed(at / 255)));
      return (share) => greys[level(share)];
    }
    case "similar":
      return (cosine) => theme.similarPixels[level(emphasised(cosine, scale.above))];
    case "alike":
      return (cosine) => theme.similarPixels[level(tinted(cosine / scale.most))];
    case "lost":
      return (share) => theme.similarPixels[level(Math.sqrt(share))];
    case "count":
      return (value) =>
        value > 0
          ? theme.similarPixels[level(0.15 + 0.85 * Math.sqrt(value / scale.most))]
          : nothing;
    case "difference": {
      const [theirs, both, mine] = [-1, 0, 1].map((side) => pixel(theme.difference(side)));
      const none = pixel(theme.background);
      return (side) => (side === 2 ? none : side === 1 ? mine : side === 0 ? both : theirs);
    }
    case "life": {
      const [gone, dying, held] = [theme.background, theme.orange, theme.held(0.72)].map(pixel);
      return (state) => (state === 1 ? held : state === 0.5 ? dying : gone);
    }
    case "evicted": {
      const lit = pixel(theme.orange);
      return (share) => (share > 0.2 ? lit : nothing);
    }
    default:
      return scale satisfies never;
  }
}

/** Bright from the threshold on, dim below it. */
function emphasised(cosine: number, above: number): number {
  if (cosine > above) return 0.45 + 0.55 * ((cosine - above) / (1 - above));
  return 0.36 * Math.max(0, cosine / Math.max(above, 1e-6));
}

/** Never the background's own colour, which stands for nothing. */
const tinted = (share: number): number => 0.1 + 0.9 * Math.max(0, Math.min(1, share));

const level = (share: number): number => Math.round(255 * Math.max(0, Math.min(1, share)));
