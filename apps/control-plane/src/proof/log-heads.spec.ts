import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { MemoryBroker } from '#libs/bus';
import { isSignedBy, keyIdOf, LOG_HEAD_SUBJECT, parseSignedHead, type SignedHead } from '#libs/protocol';
import { LogHeads } from './log-heads.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const options = { cell: 'test', key: { privateKey, keyId: keyIdOf(publicKey) }, file: undefined };

it('does not wait when many events have no head, and tells when the file can not be written', async () => {
  const broker = new MemoryBroker();
  const end = { position: 0, hash: 'a'.repeat(64) };
  const [complaint, heard] = [
    Promise.withResolvers<string>(),
    Promise.withResolvers<SignedHead | undefined>(),
  ];
  const heads = new LogHeads({ ...options, file: '/nowhere/heads', warn: complaint.resolve });
  broker.connect('keeper').subscribe(LOG_HEAD_SUBJECT, ({ text }) => heard.resolve(parseSignedHead(text)));
  heads.follow(() => end, broker.connect('control plane'));
  end.position = 1000;
  heads.noticeChange();
  expect(await heard.promise).toMatchObject({ cell: 'test', ...end });
  expect(await complaint.promise).toContain('could not be added to /nowhere/heads');
});

it('signs all that a head says', () => {
  const heads = new LogHeads({ ...options, warn: () => undefined });
  heads.follow(() => ({ position: 7, hash: 'b' }), new MemoryBroker().connect('control plane'));
  const head = heads.head() as SignedHead;
  expect(isSignedBy(head, publicKey)).toBe(true);
  for (const field of ['cell', 'position', 'hash', 'time', 'keyId'] as const)
    expect({ field, signed: isSignedBy({ ...head, [field]: `${head[field]}0` }, publicKey) }).toEqual({
      field,
      signed: false,
    });
});

it('signs nothing without a key', () => {
  const heads = new LogHeads({ ...options, key: undefined, warn: () => undefined });
  heads.follow(() => ({ position: 7, hash: 'b' }), new MemoryBroker().connect('control plane'));
  expect(heads.head()).toBeUndefined();
});
