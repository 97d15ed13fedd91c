import type { UndoLog } from '../cell/undo-log.js';
import { partsOf, sizeOf, type Cidr } from '../values/cidr.js';
import type { HostId } from '../values/ids.js';
import { familyOf, valueOf, type AddressFamily, type IpAddress } from '../values/ip-address.js';

/** A range that a host has, with its first and last address as numbers. */
export interface HeldRange {
  readonly range: Cidr;
  readonly hostId: HostId;
  readonly first: bigint;
  readonly last: bigint;
}

/** By family in the order of their addresses; none overlaps another, so that who has an address is found by halving. */
export type HeldRanges = Readonly<Record<AddressFamily, HeldRange[]>>;

/** A range of another host that has an address of this one too. */
export function overlapping(range: Cidr, hostId: HostId, ranges: HeldRanges): HeldRange | undefined {
  const held = ranges[familyOf(range)];
  const { first, last } = heldRange(range, hostId);
  // What the host itself has is in the way of nobody, and there is one such range of a family at the most.
  for (let index = indexFrom(held, first); ; index++) {
    const other = held[index];
    if (!other || other.first > last) return undefined;
    if (other.hostId !== hostId) return other;
  }
}

/** The host that has the address in its range. */
export function holderOf(address: IpAddress, ranges: HeldRanges): HostId | undefined {
  const held = ranges[familyOf(address)];
  const value = valueOf(address);
  const found = held[indexFrom(held, value)];
  return found && found.first <= value ? found.hostId : undefined;
}

export function hold(
  undo: UndoLog | undefined,
  ranges: HeldRanges,
  hostId: HostId,
  all: readonly Cidr[],
): void {
  for (const range of all) {
    const one = heldRange(range, hostId);
    insert(ranges, one);
    if (undo?.isRecording) undo.record(() => extract(ranges, one));
  }
}

export function release(
  undo: UndoLog | undefined,
  ranges: HeldRanges,
  hostId: HostId,
  all: readonly Cidr[],
): void {
  for (const range of all) {
    const one = heldRange(range, hostId);
    extract(ranges, one);
    if (undo?.isRecording) undo.record(() => insert(ranges, one));
  }
}

function heldRange(range: Cidr, hostId: HostId): HeldRange {
  const first = valueOf(partsOf(range).network);
  return { range, hostId, first, last: first + sizeOf(range) - 1n };
}

function insert(ranges: HeldRanges, one: HeldRange): void {
  const held = ranges[familyOf(one.range)];
  held.splice(indexFrom(held, one.first), 0, one);
}

function extract(ranges: HeldRanges, { range, first }: HeldRange): void {
  const held = ranges[familyOf(range)];
  held.splice(indexFrom(held, first), 1);
}

/** Of the first range that does not end before that address. */
function indexFrom(held: readonly HeldRange[], address: bigint): number {
  let [low, high] = [0, held.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const range = held[middle];
    if (range && range.last < address) low = middle + 1;
    else high = middle;
  }
  return low;
}
