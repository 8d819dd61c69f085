import { max } from "d3";
import { brief } from "../../model/numbers";
import { onePerPixel } from "../../scene/pixels";
import type { Bar, Plot, Size } from "../../scene/scene";
import type { State } from "../../state/state";

/**
 * Beside each step, the mean divergence from the full cache that a replay found in it, in nats;
 * marked where the full cache would first have said something else.
 */
export function costPlot({ run }: Readonly<State>, { height }: Size): Plot {
  const { steps, divergences } = run;
  const costs = steps.map(({ from, to }) => divergences.meanKl(from, to));
  const most = max(costs) ?? 0;
  const first = divergences.firstOtherToken ?? -1;
  const perStep = height / Math.max(1, steps.length);
  const shown = onePerPixel([...steps.keys()], (line) => line * perStep);
  const bars = shown.map((line): Bar => {
    const { from, to } = steps[line];
    const fill = first >= from && first < to ? "firstOther" : "cost";
    return { x: [0, Math.max(0, costs[line]) || 0], y: [line, line + 1], fill };
  });
  return {
    place: { column: 1, row: 0 },
    x: { domain: [0, most || 1] },
    y: { domain: [0, steps.length] },
    bars: [{ along: "y", bars }],
    below: [
      { name: "cost-title", words: [{ at: "start", text: "KL, nats" }] },
      { name: "most", words: [{ at: "start", text: `≤ ${brief(most)}` }] },
    ],
  };
}
