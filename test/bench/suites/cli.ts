import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Installation } from '../../support/installation.js';
import { bin } from '../../support/shell.js';
import type { Report } from '../report.js';

const RUNS = 20;
const LINES = [
  'ec2-describe-group',
  'ec2-describe-instances',
  'rampart groups',
  'rampart complete ec2dgrp d',
];

export const about = 'what is typed in loops: milliseconds from the shell’s call to the program’s end';

export async function run(report: Report): Promise<void> {
  await using installation = await Installation.start(1);
  const time = async (line: string): Promise<number> => {
    const [name = '', ...args] = line.split(' ');
    const began = performance.now();
    const child = spawn(join(bin, name), args, {
      stdio: 'ignore',
      env: { ...process.env, ...installation.environment },
    });
    const [status] = (await once(child, 'exit')) as [number | null];
    if (status !== 0) throw new Error(`'${line}' ended with ${String(status)}`);
    return performance.now() - began;
  };
  for (const line of LINES) {
    await time(line); // fills the compile cache
    const samples: number[] = [];
    for (let n = 0; n < RUNS; n++) samples.push(await time(line));
    report.add(`command line: ${line}`, 'ms', samples);
  }
}
