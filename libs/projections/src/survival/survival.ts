import {
  REMEMBERED_CLIENT_TOKENS,
  REMEMBERED_TERMINATED,
  type LogPosition,
  type RecordedEvent,
} from '#libs/domain';
import { tiesOf, type Ties } from './ties.js';

interface Resource {
  hasEnded: boolean;
  /** How many others lean on it. */
  namedBy: number;
  readonly names: string[];
  readonly positions: LogPosition[];
}

/** What went for good with an event: the resource, and where the events of its story stand. */
export interface Released {
  readonly owner: string;
  readonly positions: readonly LogPosition[];
}

/**
 * Which events still matter. An event matters for as long as what it is about exists, or something that exists names
 * it; folding only those, in order, leaves the state that the whole log leaves. It is what makes a log short: a
 * snapshot is nothing but the events that matter at its position.
 */
export class Survival {
  readonly #resources = new Map<string, Resource>();
  /** In the order of their end: so many of them are still shown. */
  readonly #terminated = new Set<string>();
  readonly #tokens = new Set<string>();

  /** Takes in the next event, and yields what no longer matters from it on. */
  take({ position, event }: RecordedEvent): readonly Released[] {
    const ties = tiesOf(event);
    const resource = ties && this.#resourceOf(ties);
    if (!ties || !resource) return [{ owner: '', positions: [position] }];
    resource.positions.push(position);
    for (const name of ties.names) this.#name(resource, name);
    return this.#take(ties, resource);
  }

  #take({ owner, effect }: Ties, resource: Resource): readonly Released[] {
    const released: Released[] = [];
    if (effect === 'begins') resource.hasEnded = false;
    const isToken = owner.startsWith('token ');
    if (effect === 'begins' && isToken)
      this.#outlive(this.#tokens, owner, REMEMBERED_CLIENT_TOKENS, released);
    if (effect !== 'ends') return released;
    if (owner.startsWith('i-')) this.#outlive(this.#terminated, owner, REMEMBERED_TERMINATED, released);
    else this.#end(owner, released);
    return released;
  }

  /** What is told of something that is gone already, or was never there, changes nothing. */
  #resourceOf({ owner, effect }: Ties): Resource | undefined {
    if (effect !== 'begins') return this.#resources.get(owner);
    return this.#resources.getOrInsertComputed(owner, () => ({
      hasEnded: false,
      namedBy: 0,
      names: [],
      positions: [],
    }));
  }

  #name(resource: Resource, name: string): void {
    if (resource.names.includes(name)) return;
    resource.names.push(name);
    const named = this.#resources.get(name);
    if (named) named.namedBy += 1;
  }

  /** The newest few live on after their end. */
  #outlive(queue: Set<string>, owner: string, howMany: number, released: Released[]): void {
    queue.add(owner);
    const [oldest] = queue;
    if (queue.size <= howMany || oldest === undefined) return;
    queue.delete(oldest);
    this.#end(oldest, released);
  }

  #end(owner: string, released: Released[]): void {
    const resource = this.#resources.get(owner);
    if (resource) resource.hasEnded = true;
    this.#release(owner, released);
  }

  #release(owner: string, released: Released[]): void {
    const resource = this.#resources.get(owner);
    if (!resource?.hasEnded || resource.namedBy > 0) return;
    this.#resources.delete(owner);
    released.push({ owner, positions: resource.positions });
    for (const name of resource.names) {
      const named = this.#resources.get(name);
      if (!named) continue;
      named.namedBy -= 1;
      this.#release(name, released);
    }
  }
}
