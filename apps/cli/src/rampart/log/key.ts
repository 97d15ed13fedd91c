import { generateKeyPairSync } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { keyIdOf } from '#libs/protocol';
import { fileTrouble } from './file-trouble.js';
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
    write(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600);
    try {
      write(`${file}.pub`, publicKey.export({ type: 'spki', format: 'pem' }), 0o644);
    } catch (error) {
      rmSync(file);
      throw error;
    }
    terminal.out(`KEY\t${file}\t${keyIdOf(publicKey)}\n`);
    return 0;
  },
};

function write(file: string, pem: string | Buffer, mode: number): void {
  try {
    writeFileSync(file, pem, { mode, flag: 'wx' });
  } catch (error) {
    throw fileTrouble(error, file, 'written');
  }
}
