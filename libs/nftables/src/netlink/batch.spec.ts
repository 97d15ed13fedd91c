import { describe, expect, it } from 'vitest';
import type { NftSet, Operation } from '#libs/compiler';
import { writeBatch } from './batch.js';
import { MSG, NFNL_MSG_BATCH_BEGIN, NFNL_MSG_BATCH_END, NLM_F_ACK } from './constants.js';
import { messagesIn } from './reader.js';
import { MessageWriter } from './writer.js';

const set: NftSet = { name: 'set', key: ['mark'] };
const add = (count: number): Operation => ({
  type: 'addElements',
  set,
  elements: Array.from({ length: count }, (_, index) => ({ key: [index] })),
});
const begin: readonly Operation[] = [{ type: 'deleteTable' }, { type: 'addTable' }, { type: 'addSet', set }];

describe('a batch', () => {
  it('asks for an answer to the last operation, and to nothing else: old kernels answer no more', () => {
    const writer = new MessageWriter(1024);
    writeBatch(writer, [...begin, add(600)], 0, 2 ** 20, 7);
    const messages = [...messagesIn(writer.bytes)];
    expect(messages.map(({ type }) => type & 0xff)).toEqual([
      NFNL_MSG_BATCH_BEGIN,
      MSG.NEWTABLE,
      MSG.DELTABLE,
      MSG.NEWTABLE,
      MSG.NEWSET,
      MSG.NEWSETELEM,
      MSG.NEWSETELEM,
      NFNL_MSG_BATCH_END,
    ]);
    expect(messages.map(({ sequence }) => sequence)).toEqual([7, 8, 9, 10, 11, 12, 13, 14]);
    expect(messages.filter(({ flags }) => flags & NLM_F_ACK).map(({ sequence }) => sequence)).toEqual([13]);
  });

  it('knows where each operation begins, also one that asks for nothing', () => {
    const batch = writeBatch(new MessageWriter(1024), [...begin, add(0), add(600), add(1)], 0, 2 ** 20, 7);
    expect(batch).toEqual({ next: 6, begin: 7, last: 14, end: 15, firstOf: [8, 10, 11, 12, 12, 14] });
  });

  it('ends with the operation that crosses the limit', () => {
    const writer = new MessageWriter(1024);
    expect(writeBatch(writer, [add(10), add(100), add(10)], 0, 1000, 1)).toMatchObject({ next: 2 });
    expect(writeBatch(writer, [add(10), add(100), add(10)], 2, 1000, 1)).toMatchObject({ next: 3 });
    expect(writeBatch(writer, [add(10)], 0, 0, 1)).toMatchObject({ next: 1 });
  });

  it('names the operation that has no encoding', () => {
    const unfit: Operation = { type: 'addElements', set, elements: [{ key: [-1] }] };
    expect(writeBatch(new MessageWriter(1024), [add(1), unfit], 0, 2 ** 20, 1)).toEqual({
      unfit: 1,
      because: '-1 is no mark',
    });
  });
});
