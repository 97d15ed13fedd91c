import { permissionKey, type Permission, type Rule } from '../values/rule.js';

/**
 * The rules of one group, also found by what they permit. That index is made when it is first asked for: a replay,
 * which decides nothing, goes without, and so does a group that nobody changes any more.
 */
export class GroupRules implements Iterable<Rule> {
  readonly #rules = new Set<Rule>();
  #byPermission: Map<string, Rule> | undefined;

  get size(): number {
    return this.#rules.size;
  }

  add(rule: Rule): void {
    this.#rules.add(rule);
    this.#byPermission?.set(permissionKey(rule), rule);
  }

  /** The very object that was added. */
  delete(rule: Rule): void {
    this.#rules.delete(rule);
    this.#byPermission?.delete(permissionKey(rule));
  }

  /** The rule that permits just this, whatever its id and description. */
  permitting(permission: Permission): Rule | undefined {
    this.#byPermission ??= new Map(this.#rules.values().map((rule) => [permissionKey(rule), rule]));
    return this.#byPermission.get(permissionKey(permission));
  }

  [Symbol.iterator](): IteratorObject<Rule> {
    return this.#rules.values();
  }
}
