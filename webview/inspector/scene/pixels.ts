/** At most one thing for each pixel along an axis, the first: more of them no screen can show. */
export function onePerPixel<T>(things: readonly T[], at: (thing: T) => number): T[] {
  let last = NaN;
  return things.filter((thing) => {
    const pixel = Math.floor(at(thing));
    const isNew = pixel !== last;
    last = pixel;
    return isNew;
  });
}
