import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modules, projectEnv, projectNode } from './places.mjs';
import { Refused, run } from './run.mjs';
import { build } from './setup.mjs';

const lint = [
  '--deny-warnings',
  'apps',
  'libs',
  'test',
  'tools',
  'vitest.config.ts',
  '.dependency-cruiser.cjs',
];

const steps = {
  format: () => tool('prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'),
  lint: () => tool('oxlint/bin/oxlint', ...lint),
  types: () => tool('ts7/bin/tsc', '-p', 'tsconfig.json', '--incremental', 'false'),
  architecture: () => tool('dependency-cruiser/bin/dependency-cruiser.mjs', 'apps', 'libs'),
};

/** What to run after every change: no server, no kernel, under a minute. */
export const check = (args) => inOrder({ ...steps, 'unit tests': () => vitest('--project=unit', ...args) });

/** Everything. */
export const test = (args) => inOrder({ ...steps, build, tests: () => vitest(...args) });

/** Repairs what a machine can repair. */
export async function fix() {
  const status = await tool('oxlint/bin/oxlint', '--fix', ...lint);
  return (await tool('prettier/bin/prettier.cjs', '--write', '--log-level=warn', '.')) || status;
}

/** Stops at the first step that fails. The last line counts every step and every test. */
async function inOrder(named) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, step] of Object.entries(named)) {
    const start = Date.now();
    const count = countOf(await step());
    for (const key of Object.keys(total)) total[key] += count[key];
    console.log(`${count.failed ? '✗' : '✓'} ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
    if (count.failed) break;
  }
  console.log(summary(total));
  return total.failed ? 1 : 0;
}

export const summary = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;

const countOf = (result) =>
  typeof result === 'object'
    ? result
    : { passed: result === 0 ? 1 : 0, failed: result === 0 ? 0 : 1, skipped: 0 };

const tool = (script, ...args) => run(projectNode(), [join(modules, script), ...args], { env: projectEnv });
