// Everything that must hold, in the order of how quickly it says no. Ends with the line `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';

const [mode, ...args] = process.argv.slice(2);
const REPORT = '.rampart/test-report.json';
const STEPS = [
  ['format', 'prettier', '--check', '--log-level=warn', '.'],
  ['lint', 'oxlint', 'apps', 'libs', 'test'],
  ['types', process.execPath, 'node_modules/ts7/bin/tsc', '--noEmit', '-p', 'tsconfig.json'],
  ['architecture', 'depcruise', '--config', '.dependency-cruiser.cjs', 'libs', 'apps'],
];

const counts = { passed: 0, failed: 0, skipped: 0 };
for (const [name, command, ...rest] of STEPS) {
  const began = performance.now();
  const { status } = spawnSync(command, rest, { stdio: 'inherit' });
  console.log(`${status === 0 ? '✓' : '✗'} ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  counts[status === 0 ? 'passed' : 'failed'] += 1;
  if (status !== 0) end();
}

rmSync(REPORT, { force: true });
const projects = mode === 'check' ? ['--project', 'unit'] : [];
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
const { status } = spawnSync('vitest', ['run', ...projects, ...reporters, ...args], { stdio: 'inherit' });
const report = readReport();
counts.passed += report.numPassedTests;
counts.failed += report.numFailedTests;
counts.skipped += report.numPendingTests;
// A file that can't even be loaded has no failed test, but is no success either.
if (status !== 0 && counts.failed === 0) counts.failed = 1;
end();

function readReport() {
  try {
    return JSON.parse(readFileSync(REPORT, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0 };
  }
}

function end() {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
  process.exit(counts.failed === 0 ? 0 : 1);
}
