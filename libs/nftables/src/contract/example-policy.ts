import type { HostPolicy } from '#libs/compiler';

const group = (number: number) => ({ groupId: `sg-0000000${number}`, number }) as never;

/** Every kind of rule, both families, several groups. */
export const examplePolicy: HostPolicy = {
  instances: new Map([
    [
      'i-1',
      {
        instanceId: 'i-1',
        interfaceName: 'ri-0a1b2c3d4e5f',
        addresses: ['10.0.0.4', 'fd00::4'],
        groups: [group(1), group(3)],
      },
    ],
  ]) as never,
  rules: new Map(
    (
      [
        ['ingress', { kind: 'all' }, { kind: 'group', groupId: 'sg-00000001', number: 1 }],
        ['egress', { kind: 'all' }, { kind: 'cidr', cidr: '0.0.0.0/0' }],
        ['egress', { kind: 'all' }, { kind: 'cidr', cidr: '::/0' }],
        ['ingress', { kind: 'ports', protocol: 6, from: 80, to: 80 }, { kind: 'cidr', cidr: '0.0.0.0/0' }],
        [
          'ingress',
          { kind: 'ports', protocol: 17, from: 1000, to: 70 * 256 },
          { kind: 'cidr', cidr: '10.0.0.0/9' },
        ],
        [
          'ingress',
          { kind: 'ports', protocol: 6, from: 3306, to: 3306 },
          { kind: 'group', groupId: 'sg-00000002', number: 2 },
        ],
        ['ingress', { kind: 'icmp', protocol: 1, type: 8 }, { kind: 'cidr', cidr: '192.0.2.1/32' }],
        [
          'ingress',
          { kind: 'icmp', protocol: 58, type: 128, code: 0 },
          { kind: 'cidr', cidr: '2001:db8::/32' },
        ],
        ['ingress', { kind: 'protocol', protocol: 50 }, { kind: 'cidr', cidr: '2001:db8::1/128' }],
      ] as const
    ).map(([direction, traffic, peer], index) => [
      `sgr-${index}`,
      { ruleId: `sgr-${index}`, group: group(1), direction, traffic, peer },
    ]),
  ) as never,
  members: new Map([
    ['sg-00000001', { number: 1, addresses: new Set(['10.0.0.4', 'fd00::4']) }],
    ['sg-00000002', { number: 2, addresses: new Set(['10.0.0.4', '10.0.1.9']) }],
  ]) as never,
};
