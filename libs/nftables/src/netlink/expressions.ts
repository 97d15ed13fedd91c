import type { Expression, Operand, Statement, Verdict } from '#libs/compiler';
import { DATA, EXPR, LIST_ELEM, REG32, REG_VERDICT, VERDICT } from './constants.js';
import { DATA_TYPES, writePart } from './data-types.js';
import { FIELDS, type FieldFacts } from './fields.js';
import type { MessageWriter } from './writer.js';

/** enum nft_verdicts and nf's own: drop and accept. */
const VERDICT_CODES = { drop: 0, accept: 1, jump: -3, goto: -4, return: -5 } as const;
const CMP_EQ = 0;
const CMP_NEQ = 1;
const LOOKUP_INVERTED = 1;
const META_NFPROTO = 15;

/** The kernel's expressions for one of our statements, as the list NFTA_RULE_EXPRESSIONS. */
export function writeStatement(to: MessageWriter, statement: Statement): void {
  for (const expression of statement) writeExpression(to, expression);
}

function writeExpression(to: MessageWriter, expression: Expression): void {
  if ('verdict' in expression) writeVerdict(to, expression.verdict);
  else if ('constant' in expression) {
    const { type } = FIELDS[expression.assign];
    element(to, 'immediate', () => {
      to.number(1, REG32);
      to.nested(2, () => writeValue(to, type, expression.constant));
    });
    store(to, expression.assign);
  } else if ('assign' in expression) {
    loadKey(to, expression.key);
    lookup(to, expression.map, { toRegister: true });
    store(to, expression.assign);
  } else if ('lookup' in expression) {
    loadKey(to, expression.lookup);
    lookup(to, expression.set, { inverted: expression.negate ?? false });
  } else {
    load(to, expression.match, REG32);
    compare(to, FIELDS[expression.match.field], expression.equals, expression.negate ? CMP_NEQ : CMP_EQ);
  }
}

function element(to: MessageWriter, name: string, attributes: () => void): void {
  to.nested(LIST_ELEM, () => {
    to.text(EXPR.NAME, name);
    to.nested(EXPR.DATA, attributes);
  });
}

/** Concatenated operands stand in one register after the other. */
function loadKey(to: MessageWriter, operands: readonly Operand[]): void {
  let register = REG32;
  for (const operand of operands) {
    load(to, operand, register);
    register += Math.ceil(DATA_TYPES[FIELDS[operand.field].type].bytes / 4);
  }
}

function load(to: MessageWriter, { field, mask }: Operand, register: number): void {
  const { source, type } = FIELDS[field];
  const { bytes } = DATA_TYPES[type];
  if (source.expression === 'payload' && source.family !== undefined) isFamily(to, source.family, register);
  element(to, source.expression, () => {
    switch (source.expression) {
      case 'meta': // NFTA_META_DREG, NFTA_META_KEY
        to.number(1, register);
        to.number(2, source.key);
        break;
      case 'ct': // NFTA_CT_DREG, NFTA_CT_KEY, NFTA_CT_DIRECTION
        to.number(1, register);
        to.number(2, source.key);
        if (source.direction !== undefined) to.bytesOf(3, Uint8Array.of(source.direction));
        break;
      case 'payload': // NFTA_PAYLOAD_DREG, _BASE, _OFFSET, _LEN
        to.number(1, register);
        to.number(2, source.base);
        to.number(3, source.offset);
        to.number(4, bytes);
    }
  });
  if (mask === undefined) return;
  element(to, 'bitwise', () => {
    to.number(1, register); // NFTA_BITWISE_SREG
    to.number(2, register); // NFTA_BITWISE_DREG
    to.number(3, bytes); // NFTA_BITWISE_LEN
    to.nested(4, () => writeValue(to, type, mask)); // NFTA_BITWISE_MASK
    to.nested(5, () => to.raw(DATA.VALUE, bytes, () => undefined)); // NFTA_BITWISE_XOR: nothing
  });
}

/** The register is free: what is loaded next overwrites it. */
function isFamily(to: MessageWriter, family: number, register: number): void {
  element(to, 'meta', () => {
    to.number(1, register);
    to.number(2, META_NFPROTO);
  });
  element(to, 'cmp', () => {
    to.number(1, register);
    to.number(2, CMP_EQ);
    to.nested(3, () => to.bytesOf(DATA.VALUE, Uint8Array.of(family)));
  });
}

/** NFTA_CMP_SREG, _OP, _DATA. A name that ends in `*` is compared up to there. */
function compare(to: MessageWriter, { type }: FieldFacts, value: string | number, operator: number): void {
  element(to, 'cmp', () => {
    to.number(1, REG32);
    to.number(2, operator);
    to.nested(3, () => {
      if (typeof value === 'string' && value.endsWith('*'))
        to.bytesOf(DATA.VALUE, Buffer.from(value.slice(0, -1)));
      else writeValue(to, type, value);
    });
  });
}

/** NFTA_LOOKUP_SET, _SREG, _DREG, _FLAGS. */
function lookup(to: MessageWriter, set: string, options: { toRegister?: boolean; inverted?: boolean }): void {
  element(to, 'lookup', () => {
    to.text(1, set);
    to.number(2, REG32);
    if (options.toRegister) to.number(3, REG32);
    if (options.inverted) to.number(5, LOOKUP_INVERTED);
  });
}

/** NFTA_META_KEY, NFTA_META_SREG. */
function store(to: MessageWriter, scratch: 'mark' | 'priority'): void {
  const { source } = FIELDS[scratch];
  if (source.expression !== 'meta') throw new TypeError(`${scratch} is no meta field`);
  element(to, 'meta', () => {
    to.number(2, source.key);
    to.number(3, REG32);
  });
}

function writeVerdict(to: MessageWriter, verdict: Verdict): void {
  const [name, chain] =
    typeof verdict === 'string'
      ? ([verdict, undefined] as const)
      : 'jump' in verdict
        ? (['jump', verdict.jump] as const)
        : (['goto', verdict.goto] as const);
  element(to, 'immediate', () => {
    to.number(1, REG_VERDICT); // NFTA_IMMEDIATE_DREG
    to.nested(2, () =>
      to.nested(DATA.VERDICT, () => {
        to.number(VERDICT.CODE, VERDICT_CODES[name]);
        if (chain !== undefined) to.text(VERDICT.CHAIN, chain);
      }),
    );
  });
}

const writeValue = (to: MessageWriter, type: FieldFacts['type'], value: string | number): void =>
  to.raw(DATA.VALUE, DATA_TYPES[type].bytes, (buffer, start) => writePart(buffer, start, type, value));
