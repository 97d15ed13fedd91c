import type { Compilation, PolicyRule } from '#libs/compiler';
import type { Cidr, PrefixListId } from '#libs/domain';

/** A rule but for its far end. */
export type FarlessRule = Omit<PolicyRule, 'peer'>;

interface HeldList {
  readonly blocks: Set<Cidr>;
  readonly rules: Set<FarlessRule>;
}

/**
 * Rules whose peer is a prefix list: for the kernel, one rule for each block. A block that comes or goes costs the
 * rules here that name the list, whatever its length.
 */
export class PrefixPeers {
  readonly #compilation: Compilation;
  readonly #lists = new Map<PrefixListId, HeldList>();

  constructor(compilation: Compilation) {
    this.#compilation = compilation;
  }

  blocksOf(prefixListId: PrefixListId): ReadonlySet<Cidr> {
    return this.#list(prefixListId).blocks;
  }

  authorize(rule: FarlessRule, prefixListId: PrefixListId): void {
    const { blocks, rules } = this.#list(prefixListId);
    rules.add(rule);
    for (const cidr of blocks) this.#compilation.authorize(withBlock(rule, cidr));
  }

  /** The very object that was authorized. */
  revoke(rule: FarlessRule, prefixListId: PrefixListId): void {
    const { blocks, rules } = this.#list(prefixListId);
    if (!rules.delete(rule)) return;
    for (const cidr of blocks) this.#compilation.revoke(withBlock(rule, cidr));
  }

  add(prefixListId: PrefixListId, cidr: Cidr): void {
    const { blocks, rules } = this.#list(prefixListId);
    if (blocks.has(cidr)) return;
    blocks.add(cidr);
    for (const rule of rules) this.#compilation.authorize(withBlock(rule, cidr));
  }

  remove(prefixListId: PrefixListId, cidr: Cidr): void {
    const { blocks, rules } = this.#list(prefixListId);
    if (!blocks.delete(cidr)) return;
    for (const rule of rules) this.#compilation.revoke(withBlock(rule, cidr));
  }

  /** For a list that no rule here names any more. */
  forget(prefixListId: PrefixListId): void {
    this.#lists.delete(prefixListId);
  }

  #list(prefixListId: PrefixListId): HeldList {
    return this.#lists.getOrInsertComputed(prefixListId, () => ({ blocks: new Set(), rules: new Set() }));
  }
}

const withBlock = (rule: FarlessRule, cidr: Cidr): PolicyRule => ({ ...rule, peer: { kind: 'cidr', cidr } });
