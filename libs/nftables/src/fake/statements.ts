import type { Chain, DataType, NftSet, Operand, Statement } from '#libs/compiler';
import { FIELDS } from '../netlink/fields.js';

export interface Known {
  readonly sets: ReadonlyMap<string, { readonly set: NftSet }>;
  readonly chains: ReadonlyMap<string, Chain>;
}

export type StatementCode = 'ENOENT' | 'EINVAL' | 'EOPNOTSUPP';

export const setsIn = (statement: Statement): readonly string[] =>
  statement.flatMap((expression) =>
    'set' in expression ? expression.set : 'map' in expression ? expression.map : [],
  );

export const targetsIn = (statement: Statement): readonly string[] =>
  statement.flatMap((expression) => {
    if (!('verdict' in expression) || typeof expression.verdict === 'string') return [];
    return 'jump' in expression.verdict ? expression.verdict.jump : expression.verdict.goto;
  });

/** Why the kernel would not take a statement, by what there is to refer to. */
export function objectionTo(statement: Statement, known: Known): StatementCode | undefined {
  for (const target of targetsIn(statement)) {
    const chain = known.chains.get(target);
    if (!chain) return 'ENOENT';
    if (chain.base) return 'EOPNOTSUPP';
  }
  for (const expression of statement) {
    if ('set' in expression) {
      const set = known.sets.get(expression.set)?.set;
      if (!set) return 'ENOENT';
      if (!isKeyOf(set, expression.lookup)) return 'EINVAL';
    } else if ('map' in expression) {
      const set = known.sets.get(expression.map)?.set;
      if (!set) return 'ENOENT';
      if (set.value !== FIELDS[expression.assign].type || !isKeyOf(set, expression.key)) return 'EINVAL';
    }
  }
  return undefined;
}

/** Stricter than the kernel, which sees bytes and not types: a key of other types never means what was meant. */
const isKeyOf = ({ key }: NftSet, operands: readonly Operand[]): boolean =>
  typesText(key) === typesText(operands.map(({ field }) => FIELDS[field].type));

export const typesText = (types: readonly DataType[]): string => types.join(' . ');

/** NFT_JUMP_STACK_SIZE: as many chains may stand between a hook and a verdict. */
const DEEPEST = 16;

/** Whether the way from some hook is too long; a circle's never ends. */
export function isTooDeep({ chains }: Known): boolean {
  const deepest = new Map<string, number>();
  const visit = (name: string, level: number): boolean => {
    if (level === DEEPEST) return true;
    if ((deepest.get(name) ?? -1) >= level) return false;
    deepest.set(name, level);
    const statements = chains.get(name)?.statements ?? [];
    return statements.flatMap(targetsIn).some((target) => visit(target, level + 1));
  };
  return chains.values().some(({ name, base }) => base !== undefined && visit(name, 0));
}
