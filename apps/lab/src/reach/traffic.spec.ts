import { expect, it } from 'vitest';
import { flowOf, parseTrial, textOfTrial } from './traffic.js';

it.each([
  ['tcp/80', { protocol: 6, port: 80 }],
  ['UDP/53', { protocol: 17, port: 53 }],
  ['ping', { protocol: 1, type: 8, code: 0 }],
  ['icmp', { protocol: 1, type: 8, code: 0 }],
])('%s is a packet of IPv4', (text, flow) => {
  expect(flowOf(parseTrial(text), 4)).toEqual(flow);
});

it('pings IPv6 with its own ICMP', () => {
  expect(flowOf(parseTrial('icmp'), 6)).toEqual({ protocol: 58, type: 128, code: 0 });
});

it.each(['tcp', 'tcp/', 'tcp/0', 'tcp/65536', 'tcp/80/90', 'tcp/1e3', 'gre', 'icmp/8', ''])(
  "can't try '%s'",
  (text) => {
    expect(() => parseTrial(text)).toThrow('say tcp/PORT, udp/PORT or icmp');
  },
);

it('reads what it writes', () => {
  for (const text of ['tcp/1', 'udp/65535', 'icmp']) expect(textOfTrial(parseTrial(text))).toBe(text);
});
