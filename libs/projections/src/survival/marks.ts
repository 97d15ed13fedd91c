import {
  HOST_INTERFACE,
  offsetOn,
  type CellState,
  type Cidr,
  type GroupId,
  type HostId,
  type Instance,
  type RecordedEvent,
} from '#libs/domain';
import { chainText, placeOf, type Chain, type Place } from '../distribution/deltas.js';

type Counter = CellState['counters'] extends Map<infer Key, number> ? Key : never;

/** As stored: see `Marks`. */
export interface StoredMarks {
  readonly counters: readonly (readonly [Counter, number])[];
  readonly places: readonly (readonly [string, Place])[];
  readonly ranges: readonly (readonly [HostId, readonly Cidr[]])[];
}

/**
 * What the events that still matter don't tell: numbers that are never given again, and where chains stand whose
 * newest change was the end of something.
 */
export class Marks {
  readonly #counters: Map<Counter, number>;
  /** By the chain's text. */
  readonly places: Map<string, Place>;
  readonly #ranges: Map<HostId, readonly Cidr[]>;

  constructor({ counters, places, ranges }: StoredMarks = { counters: [], places: [], ranges: [] }) {
    this.#counters = new Map(counters);
    this.places = new Map(places);
    this.#ranges = new Map(ranges);
  }

  take(recorded: RecordedEvent): void {
    const { event } = recorded;
    switch (event.type) {
      case 'GroupCreated':
        this.#counters.set('groups', event.number);
        break;
      case 'RuleAuthorized':
      case 'RuleModified':
      case 'RuleRevoked':
        this.#move({ kind: 'rules', groupId: event.rule.groupId }, recorded);
        break;
      case 'InstanceLaunched':
        this.#countAddress(event.instance);
        this.#moveWith(event.instance, recorded);
        break;
      case 'InstanceAttached':
        this.#move({ kind: 'host', hostId: event.hostId }, recorded);
        break;
      case 'InstanceTerminated':
        this.#moveWith(event.instance, recorded);
        break;
      case 'HostRetired':
        this.places.delete(chainText({ kind: 'host', hostId: event.hostId }));
        break;
      case 'HostEnrolled':
        this.#ranges.set(event.hostId, event.ranges);
        break;
      case 'AccountOpened':
      case 'GroupDeleted':
      case 'RuleDescriptionChanged':
      case 'PrefixListCreated':
      case 'PrefixListModified':
      case 'PrefixListDeleted':
      case 'TagsChanged':
      case 'ClientTokenUsed':
      case 'HostTableRepaired':
        break; // told by the events that matter
      default:
        event satisfies never;
    }
  }

  /** The resource is gone for good. */
  release(owner: string): void {
    if (!owner.startsWith('sg-')) return;
    this.places.delete(chainText({ kind: 'rules', groupId: owner as GroupId }));
    this.places.delete(chainText({ kind: 'members', groupId: owner as GroupId }));
  }

  /** What decisions look at. A group's newest rule may be gone, and its revocation with it. */
  restoreTo({ counters, changedAt }: CellState): void {
    for (const [counter, value] of this.#counters) counters.set(counter, value);
    for (const [groupId, position] of changedAt) {
      const place = this.places.get(chainText({ kind: 'rules', groupId }));
      if (place && place.position > position) changedAt.set(groupId, place.position);
    }
  }

  get stored(): StoredMarks {
    return { counters: [...this.#counters], places: [...this.places], ranges: [...this.#ranges] };
  }

  #countAddress({ hostId, interfaceName, addresses }: Instance): void {
    if (interfaceName === HOST_INTERFACE) return;
    this.#counters.set(`offset ${hostId}`, offsetOn(this.#ranges.get(hostId) ?? [], addresses));
  }

  #moveWith({ hostId, groupIds }: Instance, recorded: RecordedEvent): void {
    this.#move({ kind: 'host', hostId }, recorded);
    for (const groupId of groupIds) this.#move({ kind: 'members', groupId }, recorded);
  }

  #move(chain: Chain, recorded: RecordedEvent): void {
    this.places.set(chainText(chain), placeOf(recorded));
  }
}
