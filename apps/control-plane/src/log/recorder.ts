import { randomUUIDv7 } from 'node:crypto';
import type { Event, LogPosition, RecordedEvent } from '#libs/domain';
import { encodeRecordedEvent, hashOfStored, NOTHING_BEFORE } from '#libs/protocol';
import type { Request } from '../commands/command-handler.js';

/** Where a log ends: the last event's position and the hash of its stored text. */
export interface Tip {
  readonly position: LogPosition;
  readonly hash: string;
}

export const EMPTY_LOG: Tip = { position: 0, hash: NOTHING_BEFORE };

export interface Recording {
  readonly recorded: readonly RecordedEvent[];
  readonly texts: readonly string[];
  readonly tip: Tip;
}

/** Gives events their place in the log, their time and id, and their link to the event before. */
export function record(
  events: readonly Event[],
  { actor, requestId }: Request,
  from: Tip,
  at: Date,
): Recording {
  const time = at.toISOString();
  const recorded: RecordedEvent[] = [];
  const texts: string[] = [];
  let tip = from;
  for (const event of events) {
    const position = tip.position + 1;
    const one: RecordedEvent = {
      position,
      id: randomUUIDv7(),
      time,
      actor,
      requestId,
      previous: tip.hash,
      event,
    };
    const text = encodeRecordedEvent(one);
    recorded.push(one);
    texts.push(text);
    tip = { position, hash: hashOfStored(text) };
  }
  return { recorded, texts, tip };
}
