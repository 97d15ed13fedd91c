import { headers, type MsgHdrs } from '@nats-io/nats-core';
import { EventStoreError, type StoredRecord } from '../event-store.js';

// One append is one message: JetStream stores a message wholly or not at all. The records are its lines, so that people
// can read it with any NATS tool; headers say where in the log they stand.
//
// These names are on disk in every installation: they can't be changed.
const FIRST = 'Rampart-First';
const COUNT = 'Rampart-Count';
const ID = 'Nats-Msg-Id';

/** What stands at one sequence of the stream: the records `first` to `last`, and which append put them there. */
export interface Commit {
  readonly sequence: number;
  readonly id: string;
  readonly first: number;
  readonly last: number;
  readonly records: () => readonly StoredRecord[];
}

/** What headers and NATS's own protocol may add to the records of one message, at most. */
export const HEADROOM = 4096;

const utf8 = { encoder: new TextEncoder(), decoder: new TextDecoder() };

export interface CommitMessage {
  readonly body: Uint8Array;
  readonly headers: MsgHdrs;
}

/** Throws an EventStoreError for a record that is not one line, as it would come back as two. */
export function encodeCommit(first: number, records: readonly string[]): CommitMessage {
  if (records.some((record) => record.includes('\n')))
    throw new EventStoreError('a record of a log in JetStream must be one line');
  const said = headers();
  said.set(FIRST, String(first));
  said.set(COUNT, String(records.length));
  return { body: utf8.encoder.encode(records.join('\n')), headers: said };
}

/** Throws an EventStoreError for a message that is none of ours. */
export function decodeCommit(sequence: number, said: MsgHdrs | undefined, body: Uint8Array): Commit {
  const [first, count] = [Number(said?.get(FIRST)), Number(said?.get(COUNT))];
  if (!(first > 0 && count > 0))
    throw new EventStoreError(`message ${sequence} of the stream is no commit of a log of Rampart`);
  const records = (): readonly StoredRecord[] => {
    const texts = utf8.decoder.decode(body).split('\n');
    if (texts.length !== count)
      throw new EventStoreError(`message ${sequence} of the stream has not the ${count} records it says`);
    return texts.map((text, index) => ({ position: first + index, text }));
  };
  return { sequence, id: said?.get(ID) ?? '', first, last: first + count - 1, records };
}
