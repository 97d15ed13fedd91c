import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { keyIdOf } from '#libs/protocol';
import { UsageError } from '../../usage-error.js';
import type { LogCommand } from './log-command.js';

/** What `openssl genpkey -algorithm ed25519` makes too. */
export const key: LogCommand = {
  summary:
    'Makes the key that a control plane signs heads of its log with, and beside it FILE.pub to check them by.',
  operands: '<file>',
  completes: 'file',
  flags: [],
  examples: [['/etc/rampart/signing-key.pem', 'for RAMPART_SIGNING_KEY; replaces no key that is there']],
  run: async (given, terminal) => {
    const [file = ''] = given.operands;
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    try {
      write(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600);
      write(`${file}.pub`, publicKey.export({ type: 'spki', format: 'pem' }), 0o644);
    } catch (error) {
      throw new UsageError(`the key can't be written: ${(error as Error).message}`, { cause: error });
    }
    terminal.out(`KEY\t${file}\t${keyIdOf(publicKey)}\n`);
    return 0;
  },
};

const write = (file: string, pem: string | Buffer, mode: number): void =>
  writeFileSync(file, pem, { mode, flag: 'wx' });
