import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AccountId, GroupId, RecordedEvent } from '#libs/domain';
import { Directory, type GroupView } from '#libs/projections';

const [ours, theirs] = ['111122223333' as AccountId, '444455556666' as AccountId];

type Step = { readonly create: string; readonly account: AccountId } | { readonly remove: number };
const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({
      create: fc.constantFrom('red', 'blue'),
      account: fc.constantFrom(ours, theirs),
    }),
    fc.record({ remove: fc.nat() }),
  ),
  { maxLength: 60 },
);

const descriptionOf = ({ description }: GroupView): readonly string[] => [description];

it('lists groups in the order of their introduction, from any position, and by their values', () => {
  fc.assert(
    fc.property(steps, fc.nat({ max: 80 }), (history, after) => {
      const { directory, present } = run(history);
      for (const accountId of [ours, theirs]) {
        const all = present.filter((group) => group.accountId === accountId);
        expect(directory.groups.of(accountId).toArray()).toEqual(all);
        const later = all.filter(({ position }) => position > after);
        expect(directory.groups.of(accountId, after).toArray()).toEqual(later);
        for (const color of ['red', 'blue', 'green']) {
          const found = all.filter(({ description }) => description === color);
          expect(directory.groups.having(accountId, descriptionOf, color)).toEqual(found);
          const everywhere = present.filter(({ description }) => description === color);
          expect(directory.groups.countHaving(descriptionOf, color)).toBe(everywhere.length);
        }
      }
    }),
  );
});

/** Asks in between, so that there is an index to keep true. */
function run(history: readonly Step[]): {
  readonly directory: Directory;
  readonly present: readonly GroupView[];
} {
  const directory = new Directory();
  let position = 0;
  const project = (event: object): void =>
    directory.project({ position: ++position, time: '2026-01-01T00:00:00Z', event } as RecordedEvent);
  for (const accountId of [ours, theirs]) project({ type: 'AccountOpened', accountId, vpcId: 'vpc-1' });
  const present: GroupView[] = [];
  for (const step of history) {
    if ('create' in step) {
      const groupId = `sg-${position}` as GroupId;
      project({
        type: 'GroupCreated',
        accountId: step.account,
        groupId,
        name: groupId,
        description: step.create,
      });
      const created = directory.groups.get(groupId);
      if (created) present.push(created);
    } else {
      const [removed] = present.splice(step.remove % Math.max(present.length, 1), 1);
      if (removed) project({ type: 'GroupDeleted', ...removed });
    }
    directory.groups.having(ours, descriptionOf, 'red');
  }
  return { directory, present };
}
