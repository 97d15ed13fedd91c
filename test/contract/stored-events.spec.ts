import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fold, initialCellState } from '#libs/domain';
import { Directory, Distribution } from '#libs/projections';
import { decodeRecordedEvent, encodeRecordedEvent, EVENT_VERSIONS, findBrokenLink } from '#libs/protocol';

// A log as it lies on disks: a record of every version of every event that was ever written, in one story. Lines are
// added to its end, with a new version or a new type; none is ever changed.

const texts = readFileSync('libs/protocol/src/log/stored-events.jsonl', 'utf8').trimEnd().split('\n');
const account = '111122223333' as never;

const stored = texts.map((text) => JSON.parse(text) as { readonly type: string; readonly version: number });

describe('what was ever stored', () => {
  it('is a whole chain', () => {
    expect(findBrokenLink(texts)).toBeUndefined();
  });

  it.each(
    Object.entries(EVENT_VERSIONS).flatMap(([type, newest]) =>
      Array.from({ length: newest }, (_, older) => [type, older + 1] as const),
    ),
  )('has a %s of version %i', (type, version) => {
    expect(stored.filter((one) => one.type === type && one.version === version)).not.toEqual([]);
  });

  it('is written again as it was, where its version is today’s', () => {
    const todays = texts.filter((_, line) => {
      const { type, version } = stored[line] ?? {};
      return version === EVENT_VERSIONS[type as keyof typeof EVENT_VERSIONS];
    });
    expect(todays.map((text) => encodeRecordedEvent(decodeRecordedEvent(text)))).toEqual(todays);
  });

  it('stops whoever does not understand it', () => {
    const newer = (texts[0] ?? '').replace('"version":1', '"version":99');
    expect(() => decodeRecordedEvent(newer)).toThrow('AccountOpened of version 99, made by a newer Rampart');
  });
});

describe('folding it leads to what it always led to', () => {
  const events = texts.map(decodeRecordedEvent);
  const groups = ['sg-0f00000000000000a', 'sg-1a2b3c4d'] as const;

  it('for decisions', () => {
    const state = initialCellState();
    for (const recorded of events) fold(state, recorded);
    const { rules, quotas, ...web } = state.groups.get(groups[1] as never) ?? {};
    expect(web).toMatchObject({ name: 'web', number: 3, referencedBy: new Map([[groups[0], 1]]) });
    expect([...(rules ?? [])].map(({ ruleId }) => ruleId)).toEqual([
      'sgr-d0000001',
      'sgr-e0000001',
      'sgr-00000001',
    ]);
    expect(quotas).toEqual({ 'ingress 4': 1, 'ingress 6': 0, 'egress 4': 1, 'egress 6': 1 });
    expect([...state.hosts.keys(), ...state.prefixLists.keys()]).toEqual(['host-1']);
    expect([...state.instances.values()]).toMatchObject([
      { instanceId: 'i-00000001', addresses: ['10.0.1.4', 'fd00:1::4'] },
      { instanceId: 'i-00000003', interfaceName: 'vnet7', groupIds: groups },
    ]);
    expect([...state.clientTokens.keys()]).toEqual(['111122223333 once', '111122223333 launch']);
    expect([state.counters.get('groups'), state.changedAt.get(groups[1] as never)]).toEqual([5, 45]);
  });

  it('for what is described', () => {
    const directory = new Directory();
    for (const recorded of events) directory.project(recorded);
    const tags = directory.groupNamed(account, 'web')?.tags;
    expect(tags).toEqual(new Map([['Stage', 'live']]));
    expect(directory.rules.get('sgr-00000004' as never)?.rule).toMatchObject({
      description: 'PostgreSQL',
      traffic: { from: 5432, to: 5433 },
    });
    expect([...directory.groups.of(account)].map(({ name }) => name)).toEqual(['default', 'web', 'db']);
    expect(directory.madeBy(account, 'launch')).toEqual(['i-00000001', 'i-00000002']);
  });

  it('for hosts', () => {
    const distribution = new Distribution();
    for (const recorded of events) distribution.fold(recorded);
    expect(distribution.knowsHost('host-2' as never)).toBe(false);
    expect(distribution.closureOf('host-1' as never)).toEqual({
      rules: new Set([groups[1], groups[0]]),
      members: new Set([groups[1], 'sg-00000002']),
      prefixes: new Set(),
    });
    expect([...distribution.rulesOf(groups[1] as never).values()].at(-1)).toMatchObject({
      traffic: { from: 443 },
    });
  });
});
