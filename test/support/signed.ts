import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

/** What Amazon's signer asks of its surroundings. */
class Sha256 {
  readonly #hash;

  constructor(secret?: never) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }

  update(data: never): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

export interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Amazon's own signer, which knows nothing of ours. */
export const amazonsSigner = (credentials: Key, service: string, region: string): SignatureV4 =>
  new SignatureV4({ service, region, credentials, sha256: Sha256 as never });
