import { describe, expect, it } from 'vitest';
import { parseJetStreamAddress } from './address.js';

describe('the address of a log in JetStream', () => {
  it('names servers, a user and a stream, and asks for three copies', () => {
    expect(parseJetStreamAddress('jetstream:nats://log:p%40ss@a:4222,b:4223/LOG')).toEqual({
      name: 'jetstream:nats://a:4222,b:4223/LOG',
      servers: ['nats://a:4222', 'nats://b:4223'],
      user: 'log',
      pass: 'p@ss',
      stream: 'LOG',
      replicas: 3,
      isUnsyncedAccepted: false,
      isSynced: false,
    });
  });

  it('takes TLS, no user, and options', () => {
    expect(
      parseJetStreamAddress('jetstream:tls://a/L?replicas=1&unsynced=accepted&sync_interval=always'),
    ).toEqual({
      name: 'jetstream:tls://a/L',
      servers: ['tls://a'],
      stream: 'L',
      replicas: 1,
      isUnsyncedAccepted: true,
      isSynced: true,
    });
  });

  it.each<[string, string]>([
    ['jetstream:', 'is not like jetstream:nats://user:password@host1:4222'],
    ['jetstream:nats://a:4222', 'is not like'],
    ['jetstream:nats://a:4222/my.stream', 'is not like'],
    ['jetstream:http://a:4222/LOG', 'is not like'],
    ['jetstream:nats://log@a:4222/LOG', 'is not like'],
    ['jetstream:nats://a/LOG?replicas=2', "'replicas=2' is no option"],
    ['jetstream:nats://a/LOG?unsynced=yes', "'unsynced=yes' is no option"],
    ['jetstream:nats://a/LOG?copies=3', "'copies=3' is no option"],
  ])('%s: %s', (address, problem) => {
    expect(() => parseJetStreamAddress(address)).toThrow(problem);
  });

  it('is never told with its password', () => {
    expect(() => parseJetStreamAddress('jetstream:nats://log:secret@a:4222/not/a/stream')).toThrow(
      /^(?!.*secret).*log:…@a/,
    );
  });
});
