import type { AccountId, LogPosition } from '#libs/domain';
import { FilterIndex, type ValuesOf } from './filter-index.js';
import { Ordered } from './ordered.js';

interface Owned {
  readonly accountId: AccountId;
  /** Of the event that introduced it: the order of listings, and what pages go on from. */
  readonly position: LogPosition;
}

/** What Describe* answers from, without a scan: things by id, by owner, and by any of their values. */
export interface Listing<Id, Thing extends Owned> {
  get(id: Id): Thing | undefined;
  /** The account's that were introduced after the position, in the order of their introduction. */
  of(accountId: AccountId, after?: LogPosition): IteratorObject<Thing>;
  /** The account's that have that very value; the first question for a kind of value indexes all there is. */
  having(accountId: AccountId, valuesOf: ValuesOf<Thing>, value: string): readonly Thing[];
  /** Every account's that have that very value, in no order. */
  allHaving(valuesOf: ValuesOf<Thing>, value: string): IteratorObject<Thing>;
  /** How many of all accounts have it: no more than these can be the account's. */
  countHaving(valuesOf: ValuesOf<Thing>, value: string): number;
}

export class Collection<Id, Thing extends Owned> implements Listing<Id, Thing> {
  readonly #things = new Map<Id, Thing>();
  readonly #byAccount = new Map<AccountId, Ordered<Thing>>();
  readonly #indexes = new Map<ValuesOf<Thing>, FilterIndex<Thing>>();

  get(id: Id): Thing | undefined {
    return this.#things.get(id);
  }

  of(accountId: AccountId, after: LogPosition = 0): IteratorObject<Thing> {
    return (this.#byAccount.get(accountId) ?? new Ordered<Thing>()).after(after);
  }

  having(accountId: AccountId, valuesOf: ValuesOf<Thing>, value: string): readonly Thing[] {
    return this.allHaving(valuesOf, value)
      .filter((thing) => thing.accountId === accountId)
      .toArray()
      .sort((one, other) => one.position - other.position);
  }

  allHaving(valuesOf: ValuesOf<Thing>, value: string): IteratorObject<Thing> {
    return Iterator.from(this.#indexOf(valuesOf).having(value));
  }

  countHaving(valuesOf: ValuesOf<Thing>, value: string): number {
    return this.#indexOf(valuesOf).having(value).size;
  }

  add(id: Id, thing: Thing): void {
    this.#things.set(id, thing);
    this.#byAccount.getOrInsertComputed(thing.accountId, () => new Ordered()).add(thing);
    this.changed(thing);
  }

  /** To be called when a thing that is here says something else than before. */
  changed(thing: Thing): void {
    for (const index of this.#indexes.values()) index.changed(thing);
  }

  remove(id: Id): void {
    const thing = this.#things.get(id);
    if (!thing) return;
    this.#things.delete(id);
    this.#byAccount.get(thing.accountId)?.remove(thing);
    for (const index of this.#indexes.values()) index.removed(thing);
  }

  #indexOf(valuesOf: ValuesOf<Thing>): FilterIndex<Thing> {
    return this.#indexes.getOrInsertComputed(
      valuesOf,
      () => new FilterIndex(valuesOf, this.#things.values()),
    );
  }
}
