import type { Instance } from '#libs/domain';
import {
  accountId,
  authorize,
  createGroup,
  fromAnywhere,
  fromGroup,
  launch,
  newId,
  openAccount,
  revoke,
  terminate,
} from '../../support/cell.js';
import type { World } from './world.js';

const GROUPS = ['web', 'app', 'db'];
const BLOCKS = [1, 2, 3, 4].map((n) => ({ cidr: `192.0.${n}.0/24` }));

/** Changes that somebody may want, on few groups, instances and lists; what does not apply is refused. */
export class Wishes {
  readonly #world: World;
  readonly #prefixListId = newId('pl');
  #lastPort = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** What all others are about. */
  begin(): void {
    const world = this.#world;
    world.command(openAccount());
    for (const name of GROUPS) world.command(createGroup(name));
    const { accountId: account, prefixListId } = { accountId, prefixListId: this.#prefixListId };
    const list = { name: 'list', family: 4, maxEntries: 10, entries: BLOCKS.slice(0, 1) };
    world.command({ type: 'CreatePrefixList', accountId: account, prefixListId, ...list });
  }

  next(): void {
    const { chance } = this.#world;
    const make = chance.among<() => object | undefined>([
      [4, () => authorize(this.#group(), ++this.#lastPort, this.#peer())],
      [4, () => this.#revocation()],
      [2, () => launch(this.#group(), `host-${1 + chance.below(3)}`)],
      [1, () => this.#termination()],
      [1, () => this.#attachment()],
      [1, () => this.#listing()],
      [2, () => this.#changeSet()],
    ]);
    const command = make?.();
    if (command) this.#world.command(command);
  }

  #group(): string {
    return this.#world.chance.pick(GROUPS) ?? 'web';
  }

  #peer(): object {
    const peers = [
      fromAnywhere,
      fromGroup(this.#group()),
      { kind: 'prefix-list', prefixListId: this.#prefixListId },
    ];
    return this.#world.chance.pick(peers) ?? fromAnywhere;
  }

  /** Of a rule that was authorized at some time, and may be gone. */
  #revocation(): object | undefined {
    const authorized = this.#world.disk.events.flatMap(({ event }) =>
      event.type === 'RuleAuthorized' && event.rule.traffic.kind === 'ports' ? [event.rule] : [],
    );
    const rule = this.#world.chance.pick(authorized.slice(-10));
    const direction = { direction: rule?.direction, permissions: [], ruleIds: [rule?.ruleId] };
    return rule && { ...revoke('web', 1, fromAnywhere), group: { groupId: rule.groupId }, ...direction };
  }

  /** Several groups at once; a revocation of what is gone has it refused as a whole. */
  #changeSet(): object {
    const changes = [
      authorize(this.#group(), ++this.#lastPort, this.#peer()),
      this.#revocation(),
      authorize(this.#group(), ++this.#lastPort, this.#peer()),
    ].filter((change) => change !== undefined);
    return { type: 'ApplyChangeSet', accountId, changes };
  }

  #termination(): object | undefined {
    const instance = this.#launched();
    return instance && terminate([instance.instanceId]);
  }

  /** To one of a few interfaces, which another may have. */
  #attachment(): object | undefined {
    const interfaceName = `vnet${this.#world.chance.below(3)}`;
    const { instanceId, hostId } = this.#launched() ?? {};
    return instanceId && { type: 'AttachInstance', instanceId, hostId, interfaceName };
  }

  /** One of the latest, which may be terminated. */
  #launched(): Instance | undefined {
    const launched = this.#world.disk.events.flatMap(({ event }) =>
      event.type === 'InstanceLaunched' ? [event.instance] : [],
    );
    return this.#world.chance.pick(launched.slice(-10));
  }

  #listing(): object {
    const { chance } = this.#world;
    const block = chance.pick(BLOCKS);
    const [add, remove] = chance.is(0.5) ? [[block], []] : [[], [block?.cidr]];
    return { type: 'ModifyPrefixList', accountId, prefixListId: this.#prefixListId, add, remove };
  }
}
