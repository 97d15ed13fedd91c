import { partsOf, type Traffic } from '#libs/domain';
import type { PolicyRule } from './host-policy.js';
import type { ElementKey } from './ruleset.js';
import type { PeerShape, ServiceShape, Shape } from './shapes.js';

/** One element of the set of its shape. */
export interface PermissionElement {
  readonly shape: Shape;
  readonly key: ElementKey;
}

/** What a rule is in the kernel: one element, or one for each aligned block of its port range. */
export function elementsOf({ group, direction, traffic, peer }: PolicyRule): readonly PermissionElement[] {
  const [peerShape, far] = peerOf(peer);
  return servicesOf(traffic).map(({ service, key }) => ({
    shape: { direction, peer: peerShape, service },
    key: [group.number, far, ...key],
  }));
}

function peerOf(peer: PolicyRule['peer']): readonly [PeerShape, string | number] {
  if (peer.kind === 'group') return ['group', peer.number];
  const { family, network, prefixLength } = partsOf(peer.cidr);
  return [{ family, prefixLength }, network];
}

interface Service {
  readonly service: ServiceShape;
  readonly key: ElementKey;
}

function servicesOf(traffic: Traffic): readonly Service[] {
  switch (traffic.kind) {
    case 'all':
      return [{ service: { kind: 'all' }, key: [] }];
    case 'protocol':
      return [wholeProtocol(traffic.protocol)];
    case 'icmp':
      return [icmpService(traffic.protocol, traffic.type, traffic.code)];
    case 'ports': {
      const { protocol, from, to } = traffic;
      if (from === 0 && to === 0xffff) return [wholeProtocol(protocol)];
      return portBlocks(from, to).map(({ base, bits }) => ({
        service: { kind: 'port', bits },
        key: [protocol, base],
      }));
    }
  }
}

const wholeProtocol = (protocol: number): Service => ({ service: { kind: 'protocol' }, key: [protocol] });

function icmpService(protocol: number, type?: number, code?: number): Service {
  if (type === undefined) return wholeProtocol(protocol);
  return code === undefined
    ? { service: { kind: 'icmp', bits: 8 }, key: [protocol, type << 8] }
    : { service: { kind: 'icmp', bits: 16 }, key: [protocol, (type << 8) | code] };
}

/** Block lengths in use. Fewer would make more elements of a range, more would make more lookups of a packet. */
const BLOCK_BITS = [4, 8, 12, 16];

/** The fewest aligned blocks of those lengths that are exactly the range `from`-`to`. */
export function portBlocks(
  from: number,
  to: number,
): readonly { readonly base: number; readonly bits: number }[] {
  const blocks: { base: number; bits: number }[] = [];
  for (let base = from; base <= to;) {
    const fits = (bits: number): boolean =>
      base % 2 ** (16 - bits) === 0 && base + 2 ** (16 - bits) - 1 <= to;
    const bits = BLOCK_BITS.find(fits) ?? 16;
    blocks.push({ base, bits });
    base += 2 ** (16 - bits);
  }
  return blocks;
}
