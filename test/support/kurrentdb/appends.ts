import type { ServerDuplexStream, ServerReadableStream, sendUnaryData } from '@grpc/grpc-js';
import type { Message } from 'google-protobuf';
import type {
  AppendReq,
  AppendResp as AppendResponse,
  BatchAppendReq,
  BatchAppendResp as BatchAppendResponse,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import { aborted, notLeader, tooLarge, unavailable, type Failure } from './faults.js';
import {
  Any,
  AppendResp,
  BatchAppendResp,
  Empty,
  MaximumAppendSizeExceeded,
  Status,
  streamIn,
  Timeout,
  WrongExpectedVersion,
} from './messages.js';
import type { Node } from './node.js';
import type { Expected, StoredEvent, Written } from './stored-streams.js';

/** Older servers know this one only: a call for each append. */
export async function append(
  node: Node,
  call: ServerReadableStream<AppendReq, AppendResponse>,
  answer: sendUnaryData<AppendResponse>,
): Promise<void> {
  const [events, requests] = [new Array<StoredEvent>(), call as AsyncIterable<AppendReq>];
  let options: AppendReq.Options | undefined;
  for await (const request of requests) {
    options ??= request.getOptions();
    const message = request.getProposedMessage();
    if (message) events.push(eventIn(message));
  }
  const expected = options?.hasRevision() ? BigInt(options.getRevision()) : expectedOf(options);
  const outcome = write(node, streamIn(options?.getStreamIdentifier()), expected, events);
  switch (outcome.kind) {
    case 'broken':
      return answer(outcome.failure);
    case 'timeout':
      return answer(aborted());
    case 'too-large':
      return answer(tooLarge(outcome.limit));
    case 'silence':
      return undefined;
    case 'success':
    case 'wrong-expected-version':
      return answer(null, appendResponse(outcome));
  }
}

/** One long call for all appends of a client. */
export async function batchAppend(
  node: Node,
  call: ServerDuplexStream<BatchAppendReq, BatchAppendResponse>,
): Promise<void> {
  const pending = new Map<string, { options: BatchAppendReq.Options | undefined; events: StoredEvent[] }>();
  for await (const request of call as AsyncIterable<BatchAppendReq>) {
    const id = request.getCorrelationId()?.getString() ?? '';
    const batch = pending.get(id) ?? { options: request.getOptions(), events: [] };
    pending.set(id, batch);
    batch.events.push(...request.getProposedMessagesList().map(eventIn));
    if (!request.getIsFinal()) continue;
    pending.delete(id);
    const { options, events } = batch;
    const expected = options?.hasStreamPosition() ? BigInt(options.getStreamPosition()) : expectedOf(options);
    const outcome = write(node, streamIn(options?.getStreamIdentifier()), expected, events);
    if (outcome.kind === 'silence') continue;
    if (outcome.kind === 'broken') {
      call.emit('error', outcome.failure);
      return;
    }
    call.write(
      batchResponse(outcome)
        .setCorrelationId(request.getCorrelationId())
        .setStreamIdentifier(options?.getStreamIdentifier()),
    );
  }
  call.end();
}

type Answered = Written | { readonly kind: 'timeout' };
type Outcome =
  Answered | { readonly kind: 'broken'; readonly failure: Failure } | { readonly kind: 'silence' };

function write(node: Node, stream: string, expected: Expected, events: readonly StoredEvent[]): Outcome {
  const fault = node.appendFaults.shift();
  if (!fault) return node.streams.append(stream, expected, events);
  if (fault.lands) node.streams.append(stream, expected, events);
  switch (fault.answer) {
    case 'unavailable':
      return { kind: 'broken', failure: unavailable() };
    case 'not-leader':
      return { kind: 'broken', failure: notLeader(node.leader()) };
    case 'timeout':
      return { kind: 'timeout' };
    case 'none':
      return { kind: 'silence' };
  }
}

const expectedOf = (options: { hasNoStream(): boolean } | undefined): Expected =>
  options?.hasNoStream() ? 'no_stream' : 'any';

const eventIn = (message: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage): StoredEvent => ({
  id: message.getId()?.getString() ?? '',
  metadata: message.getMetadataMap().toArray(),
  data: message.getData_asU8(),
});

function appendResponse(outcome: Exclude<Written, { kind: 'too-large' }>): AppendResponse {
  if (outcome.kind === 'success')
    return new AppendResp().setSuccess(
      new AppendResp.Success().setCurrentRevision(String(outcome.revision)).setNoPosition(new Empty()),
    );
  const wrong = new AppendResp.WrongExpectedVersion();
  if (outcome.current === undefined) wrong.setCurrentNoStream(new Empty());
  else wrong.setCurrentRevision(String(outcome.current));
  return new AppendResp().setWrongExpectedVersion(wrong);
}

function batchResponse(outcome: Answered): BatchAppendResponse {
  switch (outcome.kind) {
    case 'success':
      return new BatchAppendResp().setSuccess(
        new BatchAppendResp.Success().setCurrentRevision(String(outcome.revision)),
      );
    case 'timeout':
      return failed('Timeout', new Timeout());
    case 'too-large':
      return failed(
        'MaximumAppendSizeExceeded',
        new MaximumAppendSizeExceeded().setMaxappendsize(outcome.limit),
      );
    case 'wrong-expected-version': {
      const wrong = new WrongExpectedVersion();
      if (outcome.current !== undefined) wrong.setCurrentStreamRevision(String(outcome.current));
      return failed('WrongExpectedVersion', wrong);
    }
  }
}

function failed(name: string, details: Message): BatchAppendResponse {
  const any = new Any();
  any.pack(details.serializeBinary(), `event_store.client.${name}`);
  return new BatchAppendResp().setError(new Status().setMessage(name).setDetails(any));
}
