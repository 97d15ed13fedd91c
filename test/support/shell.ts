import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** Tests and benches are started there, from the sources or from dist. */
export const root = process.cwd();
export const bin = join(root, 'apps/cli/bin');

export interface Outcome {
  readonly status: number | NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** Types a line in a shell that finds the verbs, and knows nothing but the environment given. */
export function shell(
  line: string,
  environment: Readonly<Record<string, string>>,
  program = '/bin/sh',
): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const child = spawn(program, ['-c', line], {
    env: { PATH: `${bin}:/usr/sbin:/usr/bin:/bin`, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.on('close', (code, signal) => resolve({ status: code ?? signal, out, err }));
  return promise;
}
