import { convertToCommandError, type KurrentDBClient } from '@kurrent/kurrentdb-client';
import shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import grpc from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';

/**
 * The newest revision of a stream, as its leader knows it; undefined of one without events. Asked by the part of the
 * client that appends, with the stubs that it brings: the part that reads has a connection on which one question in ten
 * waits 40 ms for an acknowledgement, and this is asked before everything that is answered.
 */
export function lastRevisionOf(client: KurrentDBClient, stream: string): Promise<bigint | undefined> {
  const request = new streams.ReadReq().setOptions(lastEventOf(stream));
  return client['execute'](grpc.StreamsClient, 'readLast', (service) => {
    const { promise, resolve, reject } = Promise.withResolvers<bigint | undefined>();
    let revision: bigint | undefined;
    service
      .read(request, ...client['callArguments']({ requiresLeader: true }))
      .on('data', (response: InstanceType<typeof streams.ReadResp>) => {
        const event = response.getEvent()?.getEvent();
        if (event) revision = BigInt(event.getStreamRevision());
      })
      .on('error', (error) => reject(convertToCommandError(error)))
      .on('end', () => resolve(revision));
    return promise;
  });
}

function lastEventOf(stream: string): InstanceType<typeof streams.ReadReq.Options> {
  const { Options } = streams.ReadReq;
  const end = new Options.StreamOptions()
    .setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(stream)))
    .setEnd(new shared.Empty());
  return new Options()
    .setStream(end)
    .setReadDirection(Options.ReadDirection.BACKWARDS)
    .setCount('1')
    .setNoFilter(new shared.Empty())
    .setUuidOption(new Options.UUIDOption().setString(new shared.Empty()));
}
