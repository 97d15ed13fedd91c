/** The index of the first thing whose position is above that one, in a list that rises; its length when there is none. */
export function firstAfter<Thing>(
  things: readonly Thing[],
  position: number,
  positionOf: (thing: Thing) => number,
): number {
  let [low, high] = [0, things.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const thing = things[middle] as Thing;
    if (positionOf(thing) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}
