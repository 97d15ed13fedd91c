import type { AccountId, HostId, LogPosition } from '../values/ids.js';
import type { Event } from './messages.js';

/** Who asked. Commands over NATS come with the account that NATS's own permissions let them speak for. */
export type Actor =
  | {
      readonly kind: 'account';
      readonly accountId: AccountId;
      readonly accessKeyId?: string;
      /** The address that the request came from, where that is known. */
      readonly from?: string;
    }
  | { readonly kind: 'host'; readonly hostId: HostId }
  | { readonly kind: 'system' };

/** A moment as ISO 8601 text in UTC, to the millisecond. */
export type Instant = string;

/** An event as the log keeps it: what happened, and when, in which order, by whose request. */
export interface RecordedEvent<E extends Event = Event> {
  readonly position: LogPosition;
  /** UUIDv7. */
  readonly id: string;
  readonly time: Instant;
  readonly actor: Actor;
  /** Events of one request share it, and stand next to each other in the log. */
  readonly requestId: string;
  /** SHA-256, in hex, of the stored text of the event before: an edited or removed line shows. */
  readonly previous: string;
  /** How many more events of the same commit come after it; absent when none does. */
  readonly rest?: number | undefined;
  readonly event: E;
}
