import type { Box, PlacedCells } from "./picture";

/** Opacity of bars that count less. */
export const faint = 0.5;

/** Lines between cells that are large enough for them; thicker where a group of cells ends. */
export function partings({ cells, box }: PlacedCells): Box[] {
  const { columns, values, parted } = cells;
  const [across, down] = [box.width / columns, (box.height * columns) / values.length];
  const upright = breaks(columns, across, parted?.x).map(({ at, thick }) => {
    return { x: box.x + at - thick / 2, y: box.y, width: thick, height: box.height };
  });
  const level = breaks(values.length / columns, down, parted?.y).map(({ at, thick }) => {
    return { x: box.x, y: box.y + at - thick / 2, width: box.width, height: thick };
  });
  return [...upright, ...level];
}

function breaks(count: number, length: number, group: number | undefined) {
  if (group === undefined || length < 2) return [];
  return Array.from({ length: count - 1 }, (_, index) => index + 1).map((index) => {
    const isEnd = index % group === 0;
    const thick = group === 1 || !isEnd ? Math.min(length / 8, 1.25) : Math.min(length / 4, 2);
    return { at: index * length, thick };
  });
}
