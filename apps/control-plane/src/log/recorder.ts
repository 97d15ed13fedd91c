import { randomUUIDv7 } from 'node:crypto';
import type { Event, RecordedEvent } from '#libs/domain';
import { encodeRecordedEvent, hashOfStored, type ChainEnd } from '#libs/protocol';
import type { Request } from '../commands/command-handler.js';

export interface Recording {
  readonly recorded: readonly RecordedEvent[];
  readonly texts: readonly string[];
  readonly tip: ChainEnd;
}

/** Gives events their place in the log, their time and id, and their link to the event before. */
export function record(
  events: readonly Event[],
  { actor, requestId }: Request,
  from: ChainEnd,
  at: Date,
): Recording {
  const time = at.toISOString();
  const recorded: RecordedEvent[] = [];
  const texts: string[] = [];
  let tip = from;
  for (const [index, event] of events.entries()) {
    const position = tip.position + 1;
    const one: RecordedEvent = {
      position,
      id: randomUUIDv7(),
      time,
      actor,
      requestId,
      previous: tip.hash,
      rest: events.length - 1 - index || undefined,
      event,
    };
    const text = encodeRecordedEvent(one);
    recorded.push(one);
    texts.push(text);
    tip = { position, hash: hashOfStored(text) };
  }
  return { recorded, texts, tip };
}
