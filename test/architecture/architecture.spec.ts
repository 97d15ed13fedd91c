import { execFile } from 'node:child_process';
import { cpSync, readdirSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Report {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
  readonly modules: readonly { readonly source: string }[];
}

const LIBS = ['compiler', 'domain', 'event-store', 'nftables', 'projections', 'protocol'];

/** Each file breaks the rule beside it. */
const PLANTED: readonly (readonly [rule: string, file: string, source: string])[] = [
  ['domain-imports', 'libs/domain/src/disk.ts', "import 'node:fs';"],
  ['domain-imports', 'libs/domain/src/package.ts', "import 'zod';"],
  ['domain-tests-import', 'libs/domain/src/late.spec.ts', "import '#libs/compiler';"],
  ['projections-imports', 'libs/projections/src/wire.ts', "import '#libs/protocol';"],
  ['protocol-imports', 'libs/protocol/src/disk.ts', "import 'node:fs';"],
  ['compiler-imports', 'libs/compiler/src/fold.ts', "import '#libs/projections';"],
  ['event-store-imports', 'libs/event-store/src/wire.ts', "import '#libs/protocol';"],
  ['bus-imports', 'libs/bus/src/wire.ts', "import '#libs/protocol';"],
  ['nftables-imports', 'libs/nftables/src/log.ts', "import '#libs/event-store';"],
  ['libs-not-apps', 'libs/nftables/src/app.ts', "import '../../../apps/cli/src/main.js';"],
  ['apps-not-apps', 'apps/lab/src/neighbour.ts', "import '../../cli/src/main.js';"],
  ['front-door', 'apps/lab/src/burglar.ts', "import '../../../libs/domain/src/inner.js';"],
  ['no-tests-in-production', 'apps/lab/src/shortcut.ts', "import './shortcut.spec.js';"],
  ['nest-in-apps', 'apps/host-agent/src/module.ts', "import '@nestjs/common';"],
  ['nest-in-apps', 'libs/bus/src/stream.ts', "import type { Observable } from 'rxjs';"],
  ['no-circular', 'libs/domain/src/circle.ts', "import '#libs/domain';"],
  ['resolvable', 'apps/cli/src/lost.ts', "import './nowhere.js';"],
];

/** What the planted files refer to, and what no rule has anything against. */
const INNOCENT: readonly (readonly [file: string, source: string])[] = [
  ...[...LIBS, 'bus'].map((lib) => [`libs/${lib}/src/index.ts`, 'export {};'] as const),
  ['libs/domain/src/index.ts', "import './circle.js';"],
  ['libs/domain/src/inner.ts', 'export {};'],
  ['libs/domain/src/inner.spec.ts', "import 'vitest';\nimport 'node:fs';\nimport './inner.js';"],
  ['libs/protocol/src/hash.ts', "import 'node:crypto';\nimport '#libs/domain';"],
  ['libs/nftables/src/table.ts', "import '#libs/compiler';\nimport 'koffi';"],
  ['apps/cli/src/main.ts', "import '#libs/protocol';"],
  ['apps/lab/src/shortcut.spec.ts', 'export {};'],
  ['apps/control-plane/src/module.ts', "import '@nestjs/common';\nimport 'rxjs';"],
];

const cruiser = resolve('node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');

/** The command rather than the API: it reads the same configuration in the same way as `npm run check`. */
async function cruise(folder: string): Promise<Report> {
  const args = [cruiser, '--output-type', 'json', 'apps', 'libs'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, maxBuffer: 2 ** 28 });
  return JSON.parse(stdout) as Report;
}

const violationsOf = ({ summary }: Report): string[] =>
  summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);

describe('the architecture', { timeout: 60_000 }, () => {
  it('holds in this repository, and its parts are where the rules look for them', async () => {
    const report = await cruise('.');
    expect(violationsOf(report)).toEqual([]);
    expect(report.summary.totalCruised).toBeGreaterThan(50);
    const sources = new Set(report.modules.map(({ source }) => source));
    for (const lib of LIBS) expect(sources).toContain(`libs/${lib}/src/index.ts`);
  });
});

describe('a violation', { timeout: 60_000 }, () => {
  let folder: string;
  let found: readonly string[];

  beforeAll(async () => {
    mkdirSync('.rampart', { recursive: true });
    // Inside the repository, so that packages are found as they are from real sources.
    folder = mkdtempSync(resolve('.rampart/architecture-'));
    for (const file of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs'])
      cpSync(file, join(folder, file));
    for (const [file, source] of INNOCENT) plant(file, source);
    for (const [, file, source] of PLANTED) plant(file, source);
    found = violationsOf(await cruise(folder));
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function plant(file: string, source: string): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), source);
  }

  it.each(PLANTED)('of %s in %s is found', (rule, file) => {
    expect(found).toContain(`${rule}: ${file}`);
  });

  it('is found in no innocent file', () => {
    const planted = new Set(PLANTED.map(([, file]) => file));
    const inCircle = 'no-circular: libs/domain/src/index.ts'; // which a circle has to pass
    const accused = found.filter((violation) => !planted.has(violation.split(': ')[1] ?? ''));
    expect(accused.filter((violation) => violation !== inCircle)).toEqual([]);
  });
});

it('has rules for every lib there is', () => {
  const there = readdirSync('libs').filter((lib) => readdirSync(join('libs', lib)).length > 0);
  expect([...LIBS, 'bus']).toEqual(expect.arrayContaining(there));
});
