import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseTraffic, protocolAndPorts } from './ip-permissions.js';

const text = fc.option(
  fc.oneof(
    fc.integer({ min: -3, max: 70_000 }).map(String),
    fc.constantFrom(
      'tcp',
      'UDP',
      'icmp',
      'icmpv6',
      '-1',
      'all',
      '',
      '6',
      '58',
      '0x6',
      '1e1',
      '６',
      ' 22',
      '22 ',
      '+22',
      '00022',
    ),
    fc.string({ unit: 'binary' }),
  ),
  { nil: undefined },
);

it('any protocol and ports are traffic that can be said again, or a reason why not', () => {
  fc.assert(
    fc.property(text, text, text, (protocol, from, to) => {
      const parsed = parseTraffic(protocol, from, to);
      if (!parsed.understood) {
        expect(parsed.message).not.toBe('');
        return;
      }
      const { ipProtocol, fromPort, toPort } = protocolAndPorts(parsed.traffic);
      const again = parseTraffic(ipProtocol, fromPort?.toString(), toPort?.toString());
      expect(again).toEqual(parsed);
      const { traffic } = parsed;
      if (traffic.kind === 'ports')
        expect(0 <= traffic.from && traffic.from <= traffic.to && traffic.to <= 65_535).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

it.each([
  ['tcp', '22', undefined],
  ['tcp', undefined, undefined],
  ['tcp', '23', '22'],
  ['udp', '-1', '65535'],
  ['udp', '0', '65536'],
  ['tcp', '1e1', '20'],
  ['icmp', '-1', '0'],
  ['icmp', '256', '0'],
  ['256', undefined, undefined],
  ['-2', undefined, undefined],
  ['tcpx', '1', '2'],
  [undefined, '1', '2'],
])('%s from %s to %s is no traffic', (protocol, from, to) => {
  expect(parseTraffic(protocol, from, to)).toMatchObject({ understood: false });
});
