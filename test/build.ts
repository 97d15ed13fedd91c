import { execFileSync } from 'node:child_process';

/** Tests that start processes start what users start: the built program. */
export default function build(): void {
  execFileSync(process.execPath, ['node_modules/ts7/bin/tsc', '-p', 'tsconfig.build.json'], {
    stdio: 'inherit',
  });
}
