import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modules, projectEnv, projectNode } from './places.mjs';
import { Refused, run, say } from './run.mjs';
import { build } from './setup.mjs';

const linted = ['apps', 'libs', 'test', 'tools', 'vitest.config.ts'];

const staticChecks = {
  format: () => tool('prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'),
  lint: () => tool('oxlint/bin/oxlint', '--deny-warnings', ...linted),
  types: () => tool('ts7/bin/tsc', '-p', 'tsconfig.json', '--incremental', 'false'),
  architecture: () => tool('dependency-cruiser/bin/dependency-cruiser.mjs', 'apps', 'libs'),
};

/** For after every change: no server, no kernel. */
export const check = (args) =>
  inOrder({ ...staticChecks, 'unit tests': () => vitest('--project=unit', ...args) });

/** All there is to check. */
export const test = (args) => inOrder({ ...staticChecks, build, tests: () => vitest(...args) });

/** What a log promises, on a KurrentDB that somebody has set up. */
export function testKurrentDb(args) {
  if (!process.env.KURRENTDB_URL)
    throw new Refused(
      'set KURRENTDB_URL to the address of a KurrentDB that may be written to, such as ' +
        "'kurrentdb://admin:changeit@localhost:2113?tlsCAFile=ca.crt', or 'kurrentdb://localhost:2113?tls=false' " +
        'of one that was started with --insecure; with KURRENTDB_MAX_APPEND_SIZE=16777216, as deploy/kurrentdb has it',
    );
  return inOrder({ 'tests on KurrentDB': () => vitest('--project=kurrentdb', ...args) });
}

/** Repairs what a machine can repair. */
export async function fix() {
  const status = await tool('oxlint/bin/oxlint', '--fix', ...linted);
  return (await tool('prettier/bin/prettier.cjs', '--write', '--log-level=warn', '.')) || status;
}

/** The closing line of a run; people and CI read it. */
export const summary = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

/** Stops at the first step that fails, and counts a step that has no tests of its own as one check. */
async function inOrder(steps) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, step] of Object.entries(steps)) {
    const start = Date.now();
    const counts = await outcomeOf(step);
    for (const key of Object.keys(total)) total[key] += counts[key];
    const mark = counts.failed > 0 ? '✗' : '✓';
    console.log(`${mark} ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
    if (counts.failed > 0) break;
  }
  console.log(summary(total));
  return total.failed > 0 ? 1 : 0;
}

async function outcomeOf(step) {
  try {
    const result = await step();
    return typeof result === 'object' ? result : single(result === 0);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(error.message);
    return single(false);
  }
}

const single = (passed) => ({ passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 });

const tool = (script, ...args) => run(projectNode(), [join(modules, script), ...args], { env: projectEnv });

/** The results go to a file of this run's own: another may be testing beside it. */
async function vitest(...args) {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-tests-'));
  const file = join(folder, 'results.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const status = await tool('vitest/vitest.mjs', 'run', ...reporters, ...args);
    return countTests(status, readResults(file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Undefined when Vitest came to no end, or found no test. */
function readResults(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function countTests(status, results) {
  if (results === undefined) return { ...single(false), failed: status === 0 ? 0 : 1 };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = results;
  const unloadable = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const failed = numFailedTests + unloadable.length;
  const elsewhere = failed === 0 && status !== 0 ? 1 : 0; // an error outside any test, say in a hook
  return { passed: numPassedTests, failed: failed + elsewhere, skipped: numPendingTests + numTodoTests };
}
