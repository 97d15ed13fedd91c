import type { Event } from '#libs/domain';
import type { EventStore } from '#libs/event-store';
import { EMPTY_CHAIN } from '#libs/protocol';
import { record } from '../../../apps/control-plane/src/log/recorder.js';

export const GROUPS = 2000;
const HOSTS = 20;
const INSTANCES = 10_000;
/** Rules that exist at a time: each further one replaces the oldest. */
const RULES = 100_000;
const PAGE = 5000;

export const accountId = '111122223333' as never;
const hex = (prefix: string, number: number): never =>
  `${prefix}-${number.toString(16).padStart(17, '0')}` as never;
export const groupIdOf = (number: number): never => hex('sg', number);
export const instanceIdOf = (number: number): never => hex('i', number);

/** Writes a log of so many events, as a cell has it that has been in use for long: most of what it tells is over. */
export async function writeLongLog(store: EventStore, events: number): Promise<void> {
  let tip = EMPTY_CHAIN;
  const source = story();
  const start = Date.parse('2026-01-01T00:00:00Z');
  const actor = { kind: 'account', accountId, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' } as const;
  for (let page: string[] = []; tip.position < events; page = []) {
    while (page.length < PAGE && tip.position < events) {
      const at = new Date(start + tip.position * 1000);
      const recording = record(source.next().value, { actor, requestId: `request-${tip.position}` }, tip, at);
      page.push(...recording.texts);
      tip = recording.tip;
    }
    await store.append(tip.position - page.length, page);
  }
}

function* story(): Generator<readonly Event[], never> {
  yield [{ type: 'AccountOpened', accountId, vpcId: 'vpc-00000001' as never }];
  for (let host = 0; host < HOSTS; host++)
    yield [{ type: 'HostEnrolled', hostId: `host-${host}` as never, ranges: [`10.${host}.0.0/16` as never] }];
  for (let number = 1; number <= GROUPS; number++) {
    const name = `group ${number}`;
    yield [{ type: 'GroupCreated', accountId, groupId: groupIdOf(number), number, name, description: name }];
  }
  for (let number = 0; number < INSTANCES; number++) yield [launched(number)];
  for (let number = 0; ; number++) {
    yield [{ type: 'RuleAuthorized', accountId, rule: ruleOf(number) }];
    if (number >= RULES) yield [{ type: 'RuleRevoked', accountId, rule: ruleOf(number - RULES) }];
  }
}

const launched = (number: number): Event => ({
  type: 'InstanceLaunched',
  accountId,
  instance: {
    instanceId: instanceIdOf(number),
    accountId,
    reservationId: hex('r', number),
    launchIndex: 0,
    hostId: `host-${number % HOSTS}` as never,
    interfaceName: `ri-${number}`,
    addresses: [`10.${number % HOSTS}.${number >> 8}.${number & 255}` as never],
    groupIds: [groupIdOf(1 + (number % GROUPS))],
    imageId: 'ami-bench',
    instanceType: 'bench',
  },
});

const ruleOf = (number: number) => ({
  ruleId: hex('sgr', number),
  groupId: groupIdOf(1 + (number % GROUPS)),
  direction: 'ingress' as const,
  traffic: {
    kind: 'ports' as const,
    protocol: 6 as const,
    from: 1 + (number % 60_000),
    to: 1 + (number % 60_000),
  },
  peer:
    number % 3 === 0
      ? { kind: 'group' as const, accountId, groupId: groupIdOf(1 + ((number * 7) % GROUPS)) }
      : { kind: 'cidr' as const, cidr: `192.0.${number % 250}.0/24` as never },
});
