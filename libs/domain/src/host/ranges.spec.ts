import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  addressAt,
  cidrContains,
  decide,
  evolve,
  initialCellState,
  parseCidr,
  sizeOf,
  UndoLog,
} from '../index.js';
import type { Cidr, Command, HostId } from '../index.js';
import { holderOf } from './ranges.js';

const hostId = fc.constantFrom('host-1', 'host-2', 'host-3', 'host-4');
const range = fc
  .tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 24, max: 29 }), fc.boolean())
  .map(([block, length, isFour]) =>
    parseCidr(
      isFour ? `10.0.${block >> 4}.${(block & 15) << 4}/${length}` : `fd00::${block}0/${length + 96}`,
    ),
  );
const wish = fc.oneof(
  fc.record({ type: fc.constant('EnrollHost'), hostId, ranges: fc.tuple(range) }),
  fc.record({ type: fc.constant('RetireHost'), hostId }),
);

it('a host is refused exactly the ranges that share an address with another’s, whatever was enrolled and taken back', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(wish, fc.boolean()), { maxLength: 40 }), (wishes) => {
      const undo = new UndoLog();
      const state = initialCellState(undo);
      const enrolled = new Map<string, readonly Cidr[]>();
      for (const [command, isTakenBack] of wishes) {
        const others = [...enrolled].flatMap(([id, ranges]) => (id === command.hostId ? [] : ranges));
        const decision = decide(command as Command, state);
        if ('ranges' in command) {
          const [asked] = command.ranges as unknown as [Cidr];
          const shares = (other: Cidr): boolean =>
            cidrContains(asked, addressAt(other, 0n)) || cidrContains(other, addressAt(asked, 0n));
          expect(decision.accepted).toBe(!others.some(shares));
        }
        if (!decision.accepted) continue;
        const mark = undo.mark;
        for (const event of decision.events) evolve(state, event);
        if (isTakenBack) undo.rollback(mark);
        else if ('ranges' in command) enrolled.set(command.hostId, command.ranges as unknown as [Cidr]);
        else enrolled.delete(command.hostId);
      }
      for (const [id, [one]] of enrolled) {
        if (one === undefined) continue;
        expect(holderOf(addressAt(one, 0n), state.ranges)).toBe(id as HostId);
        expect(holderOf(addressAt(one, sizeOf(one) - 1n), state.ranges)).toBe(id as HostId);
      }
      const held = Object.values(state.ranges).flat();
      expect(held).toHaveLength([...enrolled.values()].flat().length);
    }),
  );
});
