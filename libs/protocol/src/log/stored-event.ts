import { hash } from 'node:crypto';
import type { Actor, Event, Instant, LogPosition, RecordedEvent } from '#libs/domain';

// These names and fields are on disk in every installation. Add; don't rename or repurpose.
// To change a meaning, raise the type’s version, add a record of it to `stored-events.jsonl`, and give `upcast` the way
// from the old one.
interface StoredEvent {
  readonly position: LogPosition;
  readonly id: string;
  readonly type: Event['type'];
  readonly version: number;
  readonly time: Instant;
  readonly actor: Actor;
  readonly request: string;
  readonly previous: string;
  /** Since 2026-11: of the same commit, how many more come. Left out when none does. */
  readonly rest?: number | undefined;
  readonly data: Omit<Event, 'type'>;
}

/** What each type is written as today. `stored-events.jsonl` has a record of every version that ever was. */
export const EVENT_VERSIONS = {
  AccountOpened: 1,
  GroupCreated: 1,
  GroupDeleted: 1,
  RuleAuthorized: 1,
  RuleRevoked: 1,
  RuleModified: 1,
  RuleDescriptionChanged: 1,
  PrefixListCreated: 1,
  PrefixListModified: 1,
  PrefixListDeleted: 1,
  TagsChanged: 1,
  ClientTokenUsed: 1,
  InstanceLaunched: 1,
  InstanceAttached: 1,
  InstanceTerminated: 1,
  HostEnrolled: 1,
  HostRetired: 1,
  HostTableRepaired: 1,
} as const satisfies Record<Event['type'], number>;

// A map, since a text that was only just parsed is found in it without being interned first, as a property's name is.
const VERSION_OF: ReadonlyMap<string, number> = new Map(Object.entries(EVENT_VERSIONS));

/** What the first event's `previous` says. */
export const NOTHING_BEFORE = '0'.repeat(64);

/** SHA-256 of a stored event's text, in hex: what the event after it carries as `previous`. */
export const hashOfStored = (text: string): string => hash('sha256', text, 'hex');

/** One line of JSON. */
export function encodeRecordedEvent(recorded: RecordedEvent): string {
  const { position, id, time, actor, requestId: request, previous, rest, event } = recorded;
  const { type, ...data } = event;
  const stored: StoredEvent = {
    position,
    id,
    type,
    version: EVENT_VERSIONS[type],
    time,
    actor,
    request,
    previous,
    rest,
    data,
  };
  return JSON.stringify(stored);
}

/** Throws on what this version of Rampart can't understand: guessing at history would be worse than stopping. */
export function decodeRecordedEvent(text: string): RecordedEvent {
  const stored = JSON.parse(text) as StoredEvent;
  const { position, id, time, actor, request: requestId, previous, rest } = stored;
  return { position, id, time, actor, requestId, previous, rest, event: upcast(stored) };
}

/** The one place that knows older versions; there are none yet: every type is at its first. */
function upcast({ type, version, data, position }: StoredEvent): Event {
  const current = VERSION_OF.get(type);
  if (current === undefined || version > current)
    throw new Error(
      `the event at position ${position} is a ${type} of version ${version}, made by a newer Rampart`,
    );
  return { type, ...data } as Event;
}
