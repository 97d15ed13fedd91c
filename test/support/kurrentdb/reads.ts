import { once } from 'node:events';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type {
  ReadReq as ReadRequest,
  ReadResp as ReadResponse,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import { notLeader, unavailable } from './faults.js';
import { Empty, ReadReq, ReadResp, StreamIdentifier, streamIn, UUID } from './messages.js';
import type { Node, Subscription } from './node.js';
import type { StoredEvent } from './stored-streams.js';

type Call = ServerWritableStream<ReadRequest, ReadResponse>;

/** Reads of one stream, in both directions, and subscriptions to it. */
export async function read(node: Node, call: Call): Promise<void> {
  const options = call.request.getOptions();
  if (!node.isLeader && call.metadata.get('requires-leader').includes('true')) {
    call.emit('error', notLeader(node.leader()));
    return;
  }
  const stream = options?.getStream();
  const name = streamIn(stream?.getStreamIdentifier());
  if (!options || !stream) return void call.end();
  if (options.hasSubscription()) return subscription(node, call, name, firstAfter(stream));
  const events = node.streams.of(name);
  if (!events) {
    const missing = new ReadResp.StreamNotFound().setStreamIdentifier(stream.getStreamIdentifier());
    call.write(new ReadResp().setStreamNotFound(missing));
  }
  const count = Number(options.getCount());
  const isBackwards = options.getReadDirection() === ReadReq.Options.ReadDirection.BACKWARDS;
  const from = stream.hasRevision() ? Number(stream.getRevision()) : 0;
  const found = isBackwards ? backwards(events ?? []) : forwards(events ?? [], from);
  for (const [revision, event] of found.take(count)) await send(call, name, revision, event);
  call.end();
}

/** What is there, then what comes, until the client leaves or the node drops it. */
async function subscription(node: Node, call: Call, name: string, first: number): Promise<void> {
  const left = new AbortController();
  call.on('cancelled', () => left.abort());
  const entry: Subscription = {
    mute: () => left.abort(),
    drop: () => {
      left.abort();
      call.emit('error', unavailable());
    },
  };
  node.subscriptions.add(entry);
  call.write(new ReadResp().setConfirmation(new ReadResp.SubscriptionConfirmation().setSubscriptionId('1')));
  for (let next = first; !left.signal.aborted;) {
    await node.streams.changed(name, next, left.signal);
    for (const [revision, event] of forwards(node.streams.of(name) ?? [], next)) {
      if (left.signal.aborted) break;
      await send(call, name, revision, event);
      next = revision + 1;
    }
  }
  node.subscriptions.delete(entry);
}

const firstAfter = (stream: ReadRequest.Options.StreamOptions): number =>
  stream.hasRevision() ? Number(stream.getRevision()) + 1 : 0;

type Events = readonly (StoredEvent | undefined)[];

/** Each with its revision; what was truncated away is passed over. */
function* forwards(events: Events, from: number): Generator<readonly [number, StoredEvent], undefined> {
  for (let revision = from; revision < events.length; revision++) {
    const event = events[revision];
    if (event) yield [revision, event];
  }
}

function* backwards(events: Events): Generator<readonly [number, StoredEvent], undefined> {
  for (let revision = events.length - 1; revision >= 0; revision--) {
    const event = events[revision];
    if (event) yield [revision, event];
  }
}

async function send(call: Call, stream: string, revision: number, event: StoredEvent): Promise<void> {
  const recorded = new ReadResp.ReadEvent.RecordedEvent()
    .setId(new UUID().setString(event.id))
    .setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(stream)))
    .setStreamRevision(String(revision))
    .setPreparePosition(String(revision))
    .setCommitPosition(String(revision))
    .setData(event.data);
  for (const [name, value] of event.metadata) recorded.getMetadataMap().set(name, value);
  recorded.getMetadataMap().set('created', '17000000000000000');
  const response = new ReadResp().setEvent(
    new ReadResp.ReadEvent().setEvent(recorded).setNoPosition(new Empty()),
  );
  if (!call.write(response)) await once(call, 'drain');
}
