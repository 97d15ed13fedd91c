import { Metadata, status, type StatusObject } from '@grpc/grpc-js';

/**
 * What may become of an append. `lands` is whether its events are stored, `answer` what the client sees of it: a broken
 * call, a passing refusal, the server's own time limit, or nothing at all.
 */
export interface AppendFault {
  readonly lands: boolean;
  readonly answer: 'unavailable' | 'not-leader' | 'timeout' | 'none';
}

/** Where a node tells clients to go. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export type Failure = Pick<StatusObject, 'code' | 'details' | 'metadata'>;

export const unavailable = (): Failure => failure(status.UNAVAILABLE, 'Server Is Not Ready');
export const unauthenticated = (): Failure => failure(status.UNAUTHENTICATED, 'Bad credentials');
/** The server's own time limit, where a call answers for one append only. */
export const aborted = (): Failure => failure(status.ABORTED, 'Operation timed out');

export const notLeader = ({ host, port }: Address): Failure =>
  failure(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

export const tooLarge = (limit: number): Failure =>
  failure(status.INVALID_ARGUMENT, `Maximum Append Size of ${limit} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(limit),
  });

function failure(code: status, details: string, trailers: Readonly<Record<string, string>> = {}): Failure {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
  return { code, details, metadata };
}
