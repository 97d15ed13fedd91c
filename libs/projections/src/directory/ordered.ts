import type { LogPosition } from '#libs/domain';

interface Positioned {
  readonly position: LogPosition;
}

/** Things in the order of their positions, to be read from any position on; what is added is newer than all there is. */
export class Ordered<Thing extends Positioned> {
  /** Beside the things, as removing one leaves a hole: closing it at once would move all that follow. */
  #positions: LogPosition[] = [];
  #things: (Thing | undefined)[] = [];
  #holes = 0;

  add(thing: Thing): void {
    this.#positions.push(thing.position);
    this.#things.push(thing);
  }

  remove({ position }: Thing): void {
    this.#things[this.#indexAfter(position - 1)] = undefined;
    this.#holes += 1;
    if (this.#holes * 2 > this.#things.length) this.#closeHoles();
  }

  *after(position: LogPosition): Generator<Thing, undefined> {
    for (let index = this.#indexAfter(position); index < this.#things.length; index++) {
      const thing = this.#things[index];
      if (thing) yield thing;
    }
  }

  /** Where the first stands that is beyond the position. */
  #indexAfter(position: LogPosition): number {
    let [low, high] = [0, this.#positions.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#positions[middle] ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #closeHoles(): void {
    this.#things = this.#things.filter((thing) => thing !== undefined);
    this.#positions = this.#things.map((thing) => thing?.position ?? 0);
    this.#holes = 0;
  }
}
