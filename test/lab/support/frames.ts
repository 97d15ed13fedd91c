import { randomBytes } from 'node:crypto';
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { familyOf, valueOf, type IpAddress } from '#libs/domain';
import { checked, libc, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_RAW } from '../../../apps/lab/src/kernel/libc.js';
import { inNamespace } from '../../../apps/lab/src/kernel/namespace.js';
import { checksumOf } from './raw-packets.js';

/** Ethernet frames as they stand, past whatever the sender's own kernel would make of them. */

const AF_PACKET = 17;
const ETH_P_ALL = 0x0003;
/** What comes is there at once; only what never comes is waited for so long. */
const PATIENCE_MS = 300;
const LOOK_MS = 2;
const LONGEST = 2048;

export const ETHERTYPES = { ip: 0x0800, arp: 0x0806, ip6: 0x86dd, vlan: 0x8100 } as const;

export interface Link {
  readonly namespace: string;
  readonly index: number;
  readonly address: string;
}

const bytesOf = (address: IpAddress): Buffer =>
  Buffer.from(
    valueOf(address)
      .toString(16)
      .padStart(familyOf(address) === 4 ? 8 : 32, '0'),
    'hex',
  );
const hardware = (address: string): Buffer => Buffer.from(address.replaceAll(':', ''), 'hex');
const word = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

/** A tag of that VLAN comes first where one is named; 0 says that there is a tag and no VLAN. */
export const ethernet = (to: string, from: string, type: number, payload: Buffer, vlan?: number): Buffer =>
  Buffer.concat([
    hardware(to),
    hardware(from),
    ...(vlan === undefined ? [] : [word(ETHERTYPES.vlan), word(vlan)]),
    word(type),
    payload,
  ]);

/** A datagram over IPv4; UDP may go without a checksum there. */
export function datagram(source: IpAddress, destination: IpAddress, port: number, mark: Buffer): Buffer {
  const udp = Buffer.concat([word(40_000), word(port), word(8 + mark.length), word(0), mark]);
  const header = Buffer.alloc(20);
  header.set([0x45, 0, ...word(20 + udp.length), 0, 0, 0, 0, 64, 17]);
  header.set([...bytesOf(source), ...bytesOf(destination)], 12);
  header.writeUInt16BE(checksumOf(header), 10);
  return Buffer.concat([header, udp]);
}

/** RFC 826, over Ethernet: `from` says that it has the address `has`, and asks or tells who has `wants`. */
export const arp = (what: 'asks' | 'tells', from: string, has: IpAddress, wants: IpAddress): Buffer =>
  Buffer.concat([
    Buffer.from([0, 1, 8, 0, 6, 4, 0, what === 'asks' ? 1 : 2]),
    hardware(from),
    bytesOf(has),
    hardware('ff:ff:ff:ff:ff:ff'),
    bytesOf(wants),
  ]);

/** RFC 4861: a neighbour advertisement to all nodes that `address` is at `from`, and that it overrides what was known. */
export function advertisement(from: string, address: IpAddress): Buffer {
  const target = bytesOf(address);
  const body = Buffer.concat([
    Buffer.from([136, 0, 0, 0, 0x20, 0, 0, 0]),
    target,
    Buffer.from([2, 1]),
    hardware(from),
  ]);
  const addresses = Buffer.concat([target, bytesOf('ff02::1' as IpAddress)]);
  const pseudo = Buffer.concat([addresses, Buffer.from([0, 0, 0, body.length, 0, 0, 0, 58]), body]);
  body.writeUInt16BE(checksumOf(pseudo), 2);
  return Buffer.concat([Buffer.from([0x60, 0, 0, 0, 0, body.length, 58, 255]), addresses, body]);
}

/** Bytes by which a frame is known again. */
export const newMark = (): Buffer => randomBytes(12);

export function send({ namespace, index }: Link, frame: Buffer): void {
  const socket = packetSocket(namespace, 0);
  try {
    const there = Buffer.alloc(20);
    there.writeUInt16LE(AF_PACKET, 0);
    there.writeInt32LE(index, 4);
    checked('sendto', libc().sendto(socket, frame, frame.length, 0, there, there.length));
  } finally {
    closeSync(socket);
  }
}

/** In which of the namespaces a frame that holds those bytes is seen when `act` is done, on any of its links. */
export async function seenIn(
  namespaces: readonly string[],
  bytes: Buffer,
  act: () => unknown,
): Promise<readonly string[]> {
  const taps = namespaces.map((namespace) => ({ namespace, socket: packetSocket(namespace, ETH_P_ALL) }));
  const seen = new Set<string>();
  const buffer = Buffer.alloc(LONGEST);
  try {
    await act();
    const end = performance.now() + PATIENCE_MS;
    while (seen.size < taps.length && performance.now() < end) {
      for (const { namespace, socket } of taps)
        for (let length = 1; length > 0;) {
          length = Number(libc().recv(socket, buffer, buffer.length, MSG_DONTWAIT));
          if (length > 0 && buffer.subarray(0, length).includes(bytes)) seen.add(namespace);
        }
      await sleep(LOOK_MS);
    }
  } finally {
    for (const { socket } of taps) closeSync(socket);
  }
  return namespaces.filter((namespace) => seen.has(namespace));
}

/** The protocol goes in network byte order. */
const packetSocket = (namespace: string, protocol: number): number =>
  inNamespace(namespace, () =>
    checked('socket', libc().socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, word(protocol).readUInt16LE(0))),
  );
