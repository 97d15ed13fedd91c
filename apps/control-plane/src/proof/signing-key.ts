import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { keyIdOf } from '#libs/protocol';

export interface SigningKey {
  readonly keyId: string;
  readonly privateKey: KeyObject;
}

/** Throws, with the way out, when the file holds no Ed25519 private key. */
export function readSigningKey(file: string): SigningKey {
  try {
    const privateKey = createPrivateKey(readFileSync(file));
    if (privateKey.asymmetricKeyType !== 'ed25519')
      throw new Error(`it is of the kind ${privateKey.asymmetricKeyType}`);
    return { privateKey, keyId: keyIdOf(createPublicKey(privateKey)) };
  } catch (error) {
    throw new Error(
      `RAMPART_SIGNING_KEY='${file}' is no Ed25519 private key: ${(error as Error).message}; make one with 'rampart log key FILE'`,
      { cause: error },
    );
  }
}
