import { chainText, type Chain, type Distribution, type Place } from '#libs/projections';
import {
  PROTOCOL_VERSION,
  type ChainPositions,
  type HostPage,
  type MembersPage,
  type Page,
  type PrefixesPage,
  type RulesPage,
  type SyncReply,
  type SyncRequest,
} from '#libs/protocol';
import { chainOf } from './chain-of.js';
import type { Wire } from './wire.js';

/** An answer is at most about this long, whatever NATS would take: others wait while it is made. */
const REPLY_BYTES = 512 * 1024;

/** All that the host lacks, or as much of it as fits: then the last chain is cut, and the host asks on from there. */
export function answerSync(
  { hostId, has, events, resume = [] }: SyncRequest,
  distribution: Distribution,
  wire: Wire,
  position: number,
  room = REPLY_BYTES,
): SyncReply {
  const cursors = new Map(resume.map((cursor) => [chainText(chainOf(hostId, cursor)), cursor.after]));
  const pages = new Pages(distribution, wire, Math.min(room, REPLY_BYTES));
  for (const chain of chainsOf(hostId, distribution)) {
    const after = cursors.get(chainText(chain));
    if (after === undefined && isAt(distribution.placeOf(chain), chain, has, events)) continue;
    if (!pages.add(chain, after)) return { version: PROTOCOL_VERSION, position, ...pages.taken, more: true };
  }
  return { version: PROTOCOL_VERSION, position, ...pages.taken, more: false };
}

function* chainsOf(hostId: SyncRequest['hostId'], distribution: Distribution): Generator<Chain> {
  const { rules, members, prefixes } = distribution.closureOf(hostId);
  yield { kind: 'host', hostId };
  for (const groupId of rules) yield { kind: 'rules', groupId };
  for (const groupId of members) yield { kind: 'members', groupId };
  for (const prefixListId of prefixes) yield { kind: 'prefixes', prefixListId };
}

/** The same position is not enough: in a log that was restored from a backup it may be another event's. */
function isAt(place: Place, chain: Chain, has: ChainPositions, events: SyncRequest['events']): boolean {
  if (positionIn(has, chain) !== place.position) return false;
  const name = chain.kind === 'host' ? chain.kind : chainText(chain);
  return events === undefined || (events[name] ?? '') === place.event;
}

function positionIn(has: ChainPositions, chain: Chain): number | undefined {
  switch (chain.kind) {
    case 'host':
      return has.host;
    case 'prefixes':
      return has.prefixes?.[chain.prefixListId];
    case 'rules':
    case 'members':
      return has[chain.kind][chain.groupId];
  }
}

/** One answer in the making. */
class Pages {
  readonly #distribution: Distribution;
  readonly #wire: Wire;
  #room: number;
  #host: HostPage | undefined;
  readonly #rules: RulesPage[] = [];
  readonly #members: MembersPage[] = [];
  readonly #prefixes: PrefixesPage[] = [];

  constructor(distribution: Distribution, wire: Wire, room: number) {
    this.#distribution = distribution;
    this.#wire = wire;
    this.#room = room;
  }

  get taken(): Pick<SyncReply, 'host' | 'rules' | 'members' | 'prefixes'> {
    const host = this.#host && { host: this.#host };
    return { ...host, rules: this.#rules, members: this.#members, prefixes: this.#prefixes };
  }

  /** Takes of the chain what there is room for; false when that is not all. */
  add(chain: Chain, after: string | undefined): boolean {
    if (this.#room <= 0) return false;
    const [distribution, wire] = [this.#distribution, this.#wire];
    const place = distribution.placeOf(chain);
    if (chain.kind === 'host') {
      const all = distribution.instancesOn(chain.hostId);
      const [instances, page] = this.#cut(all, after, (one) => wire.instance(one));
      this.#host = { ...place, ...page, instances };
      return page.next === undefined;
    }
    if (chain.kind === 'prefixes') {
      const { prefixListId } = chain;
      const [blocks, page] = this.#cut(distribution.blocksOf(prefixListId), after, (one) => one);
      this.#prefixes.push({ prefixListId, ...place, ...page, blocks });
      return page.next === undefined;
    }
    const { groupId } = chain;
    const named = { groupId, number: distribution.numberOf(groupId), ...place };
    if (chain.kind === 'rules') {
      const [rules, page] = this.#cut(distribution.rulesOf(groupId), after, (one) => wire.rule(one));
      this.#rules.push({ ...named, ...page, rules });
      return page.next === undefined;
    }
    const [addresses, page] = this.#cut(distribution.instancesIn(groupId), after, (one) => one.addresses);
    this.#members.push({ ...named, ...page, addresses: addresses.flat() });
    return page.next === undefined;
  }

  /** Begins after `after`, or at the beginning when that is gone; one at least, so that it always goes on. */
  #cut<Id extends string, T, Sent>(
    all: ReadonlyMap<Id, T>,
    after: string | undefined,
    sent: (one: T) => Sent,
  ): readonly [Sent[], Omit<Page, keyof Place>] {
    const from = after !== undefined && all.has(after as Id) ? { after } : {};
    const page: Sent[] = [];
    let last: string | undefined;
    let isBefore = from.after !== undefined;
    for (const [id, one] of all) {
      if (isBefore) {
        isBefore = id !== after;
        continue;
      }
      if (this.#room <= 0 && last !== undefined) return [page, { ...from, next: last }];
      const item = sent(one);
      this.#room -= JSON.stringify(item).length + 1;
      page.push(item);
      last = id;
    }
    return [page, from];
  }
}
