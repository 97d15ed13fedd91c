import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Before anything else is loaded. Inside dist, so that a new build begins anew and no other user can write to it.
enableCompileCache(fileURLToPath(new URL('../../../.compile-cache', import.meta.url)));
const { dispatch } = await import('./dispatch.js');

// A reader that has seen enough, as in `ec2-describe-group | head -1`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await dispatch(process.argv.slice(2), {
  environment: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  read: async () => (await process.stdin.setEncoding('utf8').toArray()).join(''),
});
