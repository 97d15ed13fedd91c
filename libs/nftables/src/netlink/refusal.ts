import { operationText, type Element, type Operation, type Transaction } from '#libs/compiler';
import type { CommitOutcome } from '../dataplane.js';
import type { Failure } from './answers.js';
import type { Batch, Unfit } from './batch.js';
import { ERRNO, errnoText, SET_ELEM_LIST } from './constants.js';
import { ELEMENTS_PER_MESSAGE } from './elements.js';
import { attributesIn, attributesOf, messagesIn } from './reader.js';

/** Names the operation that a failure is about and, where the kernel says which, the one element of it. */
export function refusalFrom(
  transaction: Transaction,
  done: number,
  { firstOf }: Batch,
  failure: Failure,
  sent: Buffer,
): CommitOutcome {
  const place = firstOf.findLastIndex((first) => first <= failure.sequence);
  const index = done + place;
  const operation = transaction[index] as Operation;
  const element = elementOf(operation, failure.sequence - (firstOf[place] ?? 0), failure, sent);
  const shown = element && 'elements' in operation ? { ...operation, elements: [element] } : operation;
  const explanation = failure.explanation === undefined ? '' : ` (${failure.explanation})`;
  return {
    committed: false,
    refused: {
      index,
      operation,
      ...(element ? { element } : {}),
      code: ERRNO[failure.errno]?.[0] ?? `errno ${failure.errno}`,
      reason: `${operationText(shown)}: ${errnoText(failure.errno)}${explanation}${doneText(done)}`,
      done,
    },
  };
}

/** As the kernel would say it, had it been possible to ask. */
export function unfitRefusal(
  transaction: Transaction,
  done: number,
  { unfit, because }: Unfit,
): CommitOutcome {
  const operation = transaction[unfit] as Operation;
  const reason = `${operationText(operation)}: EINVAL, ${because}${doneText(done)}`;
  return { committed: false, refused: { index: unfit, operation, code: 'EINVAL', reason, done } };
}

const doneText = (done: number): string =>
  done === 0 ? '' : `; the ${done} operations that went before it in batches of their own stay done`;

function elementOf(
  operation: Operation,
  message: number,
  { sequence, offset }: Failure,
  sent: Buffer,
): Element | undefined {
  if (!('elements' in operation) || offset === undefined) return undefined;
  const refused = messagesIn(sent).find((one) => one.sequence === sequence);
  const list = refused && attributesOf(refused.payload.subarray(4)).get(SET_ELEM_LIST.ELEMENTS);
  if (!list) return undefined;
  const at = refused.payload.byteOffset - 16 + offset;
  if (at < list.byteOffset) return undefined; // it is about the set
  const place = [...attributesIn(list)].findIndex(([, value]) => at < value.byteOffset + value.length);
  return operation.elements[message * ELEMENTS_PER_MESSAGE + place];
}
