import { fingerprintOf, TABLE, type Chain, type NftSet, type Operation } from '#libs/compiler';
import {
  BYTEORDER_BIG_ENDIAN,
  BYTEORDER_HOST,
  CHAIN,
  HOOK,
  HOOK_NUMBERS,
  MSG,
  NFT_SET_MAP,
  NLM_F_APPEND,
  NLM_F_CREATE,
  RULE,
  SET,
  TABLE_NAME,
  UDATA_RULE_COMMENT,
  UDATA_SET_DATABYTEORDER,
  UDATA_SET_KEYBYTEORDER,
} from './constants.js';
import { DATA_TYPES, keyLength, typeId } from './data-types.js';
import { ELEMENTS_PER_MESSAGE, writeElements } from './elements.js';
import { writeStatement } from './expressions.js';
import type { MessageWriter } from './writer.js';

/** Writes an operation as messages, each numbered by `nextSequence`; none when it asks for nothing. */
export function writeOperation(to: MessageWriter, operation: Operation, nextSequence: () => number): void {
  const message = (type: number, flags: number, body: () => void): void =>
    to.nftMessage(type, flags, nextSequence(), body);
  switch (operation.type) {
    case 'addTable':
      message(MSG.NEWTABLE, NLM_F_CREATE, () => to.text(TABLE_NAME, TABLE));
      break;
    case 'deleteTable':
      // Made first when it is missing, so that deleting it never fails.
      message(MSG.NEWTABLE, NLM_F_CREATE, () => to.text(TABLE_NAME, TABLE));
      message(MSG.DELTABLE, 0, () => to.text(TABLE_NAME, TABLE));
      break;
    case 'addSet':
      message(MSG.NEWSET, NLM_F_CREATE, () => writeSet(to, operation.set));
      break;
    case 'deleteSet':
      message(MSG.DELSET, 0, () => {
        to.text(SET.TABLE, TABLE);
        to.text(SET.NAME, operation.set);
      });
      break;
    case 'addChain':
      message(MSG.NEWCHAIN, NLM_F_CREATE, () => writeChain(to, operation.chain));
      break;
    case 'deleteChain':
      message(MSG.DELCHAIN, 0, () => {
        to.text(CHAIN.TABLE, TABLE);
        to.text(CHAIN.NAME, operation.chain);
      });
      break;
    case 'replaceRules':
      writeRules(to, operation.chain, message);
      break;
    case 'addElements':
    case 'deleteElements': {
      const [type, flags] =
        operation.type === 'addElements' ? [MSG.NEWSETELEM, NLM_F_CREATE] : ([MSG.DELSETELEM, 0] as const);
      for (let from = 0; from < operation.elements.length; from += ELEMENTS_PER_MESSAGE) {
        const some = operation.elements.slice(from, from + ELEMENTS_PER_MESSAGE);
        message(type, flags, () => writeElements(to, operation, some));
      }
    }
  }
}

function writeSet(to: MessageWriter, { name, key, value }: NftSet): void {
  to.text(SET.TABLE, TABLE);
  to.text(SET.NAME, name);
  to.number(SET.FLAGS, value ? NFT_SET_MAP : 0);
  to.number(SET.KEY_TYPE, typeId(key));
  to.number(SET.KEY_LEN, keyLength(key));
  if (value) {
    to.number(SET.DATA_TYPE, DATA_TYPES[value].id);
    to.number(SET.DATA_LEN, DATA_TYPES[value].bytes);
  }
  // Required, and only meant for referring to the set within the same batch, which is done by name here.
  to.number(SET.ID, 1);
  const [only, ...more] = key;
  const isHostOrder = only !== undefined && more.length === 0 && DATA_TYPES[only].isHostOrder;
  const order = (type: number, host: boolean): Buffer => {
    const entry = Buffer.alloc(6);
    entry[0] = type;
    entry[1] = 4;
    entry.writeUInt32LE(host ? BYTEORDER_HOST : BYTEORDER_BIG_ENDIAN, 2);
    return entry;
  };
  const orders = [order(UDATA_SET_KEYBYTEORDER, isHostOrder)];
  if (value) orders.push(order(UDATA_SET_DATABYTEORDER, true));
  to.bytesOf(SET.USERDATA, Buffer.concat(orders));
}

function writeChain(to: MessageWriter, { name, base }: Pick<Chain, 'name' | 'base'>): void {
  to.text(CHAIN.TABLE, TABLE);
  to.text(CHAIN.NAME, name);
  if (!base) return;
  to.nested(CHAIN.HOOK, () => {
    to.number(HOOK.HOOKNUM, HOOK_NUMBERS[base.hook]);
    to.number(HOOK.PRIORITY, base.priority);
  });
  to.number(CHAIN.POLICY, base.policy === 'accept' ? 1 : 0);
  to.text(CHAIN.TYPE, 'filter');
}

/** A deletion that names no rule takes all of the chain's. */
function writeRules(
  to: MessageWriter,
  { name, statements }: Pick<Chain, 'name' | 'statements'>,
  message: (type: number, flags: number, body: () => void) => void,
): void {
  const place = (): void => {
    to.text(RULE.TABLE, TABLE);
    to.text(RULE.CHAIN, name);
  };
  message(MSG.DELRULE, 0, place);
  for (const statement of statements) {
    message(MSG.NEWRULE, NLM_F_CREATE | NLM_F_APPEND, () => {
      place();
      to.nested(RULE.EXPRESSIONS, () => writeStatement(to, statement));
      const comment = Buffer.from(`${fingerprintOf(statement)}\0`);
      to.bytesOf(RULE.USERDATA, Buffer.concat([Uint8Array.of(UDATA_RULE_COMMENT, comment.length), comment]));
    });
  }
}
