import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCertificates } from '../support/kurrentdb/certificates.js';
import { KurrentDbDouble } from '../support/kurrentdb/kurrentdb-double.js';
import { Installation } from '../support/installation.js';
import { shell } from '../support/shell.js';

// Control planes as they run everywhere, on a log that they share by the network, which fails now and then.

let kurrentDb: KurrentDbDouble;
let settings: Readonly<Record<string, string>>;

beforeAll(async () => {
  const certificates = await makeCertificates();
  const secure = { certificates, user: 'rampart', password: 'p@ss' };
  kurrentDb = await KurrentDbDouble.start({ secure });
  const host = kurrentDb.host.replace('127.0.0.1', 'localhost');
  settings = { RAMPART_LOG: `kurrentdb://rampart:p%40ss@${host}?tlsCAFile=${certificates.authority}` };
});
afterAll(() => kurrentDb[Symbol.asyncDispose]());

const groupsOf = async ({ environment }: Installation): Promise<readonly string[]> => {
  const { out } = await shell("ec2-describe-group | awk -F'\\t' '/^GROUP/ { print $4 }'", environment);
  return out.split('\n').filter((name) => name.startsWith('group-'));
};
const create = async ({ environment }: Installation, name: string): Promise<string> =>
  (await shell(`ec2-create-group ${name} -d x`, environment)).err;

it('keeps every change once, whatever becomes of its connection, and finds all again', async () => {
  const names: string[] = [];
  {
    await using installation = await Installation.start(0, settings);
    for (const answer of ['unavailable', 'not-leader', 'timeout'] as const)
      for (const lands of [true, false]) {
        kurrentDb.appendFaults.push({ answer, lands });
        const name = `group-${names.length}`;
        expect(await create(installation, name)).toBe('');
        expect(kurrentDb.appendFaults).toEqual([]);
        names.push(name);
      }
    kurrentDb.stop();
    const late = create(installation, 'group-late');
    await kurrentDb.start();
    expect(await late).toBe('');
    names.push('group-late');
  }
  await using again = await Installation.start(0, settings);
  expect(await groupsOf(again)).toEqual(names.toSorted());
  const { out } = await shell('rampart log verify', { ...again.environment, ...settings });
  expect(out).toMatch(/^WHOLE\t/);
});

it('lets two control planes work on one log, each of which knows at once what the other did', async () => {
  await using one = await Installation.start(0, settings);
  await using other = await Installation.start(0, settings);
  for (let n = 0; n < 3; n++) {
    expect(await create(one, `group-of-one-${n}`)).toBe('');
    expect(await groupsOf(other)).toContain(`group-of-one-${n}`);
    expect(await create(other, `group-of-other-${n}`)).toBe('');
    expect(await groupsOf(one)).toContain(`group-of-other-${n}`);
  }
  const both = await Promise.all([create(one, 'group-contested'), create(other, 'group-contested')]);
  expect(both.filter((complaint) => complaint.includes('InvalidGroup.Duplicate'))).toHaveLength(1);
  expect(await groupsOf(one)).toEqual(await groupsOf(other));
});
