import { hash, sign, verify, type KeyObject } from 'node:crypto';
import type { Instant } from '#libs/domain';
import type { ChainEnd } from './chain.js';

/**
 * What a log ended with at some time. The chain of hashes vouches for all before it: whoever kept a head that is signed
 * finds out that the log was written anew since, which the chain alone can't tell.
 */
export interface LogHead extends ChainEnd {
  /** Whose log it is. */
  readonly cell: string;
  readonly time: Instant;
}

export interface SignedHead extends LogHead {
  readonly keyId: string;
  /** Ed25519, of `textOf` the head, in base64. */
  readonly signature: string;
}

/** Which key it is, whether its private or its public half is at hand: the beginning of its public half's SHA-256. */
export const keyIdOf = (publicKey: KeyObject): string =>
  hash('sha256', publicKey.export({ type: 'spki', format: 'der' }), 'hex').slice(0, 16);

// Heads are kept for as long as the log: a change of this text is a new first line.
const textOf = ({ cell, position, hash: last, time }: LogHead, keyId: string): Buffer =>
  Buffer.from(['rampart log head 1', cell, position, last, time, keyId, ''].join('\n'));

/** Signs with the private half of the key whose id is given. */
export function signHead(
  { cell, position, hash: last, time }: LogHead,
  privateKey: KeyObject,
  keyId: string,
): SignedHead {
  const head = { cell, position, hash: last, time };
  return { ...head, keyId, signature: sign(null, textOf(head, keyId), privateKey).toString('base64') };
}

export const isSignedBy = (head: SignedHead, publicKey: KeyObject): boolean =>
  verify(null, textOf(head, head.keyId), publicKey, Buffer.from(head.signature, 'base64'));

/** A head from a line of JSON; undefined for anything else. */
export function parseSignedHead(line: string): SignedHead | undefined {
  try {
    const { cell, position, hash: last, time, keyId, signature } = JSON.parse(line) as SignedHead;
    const texts: readonly unknown[] = [cell, last, time, keyId, signature];
    const isHead = Number.isSafeInteger(position) && texts.every((text) => typeof text === 'string');
    return isHead ? { cell, position, hash: last, time, keyId, signature } : undefined;
  } catch {
    return undefined;
  }
}
