import type { Bus } from '#libs/bus';
import { peerKey, type Event, type GroupId, type RecordedEvent, type Rule } from '#libs/domain';
import type { Directory } from '#libs/projections';
import { protocolAndPorts, RECEIPT_SUBJECT, type ReceiptNotice } from '#libs/protocol';
import type { Receipts } from './receipts.js';

/** A change that is not enforced everywhere by then is announced as it stands. */
const PATIENCE_MS = 5000;

/** Tells whoever follows `rampart.receipt` of each change, and what became of it. */
export class ReceiptNotices {
  readonly #receipts: Receipts;
  readonly #directory: Directory;
  #bus: Bus | undefined;

  constructor(receipts: Receipts, directory: Directory) {
    this.#receipts = receipts;
    this.#directory = directory;
  }

  /** What was committed before is no news. */
  publishOn(bus: Bus): void {
    this.#bus = bus;
  }

  announce(commit: readonly RecordedEvent[]): void {
    if (this.#bus) void this.#publish(commit, this.#bus);
  }

  async #publish(commit: readonly RecordedEvent[], bus: Bus): Promise<void> {
    const last = commit.at(-1);
    if (!last) return;
    const { position, time, requestId } = last;
    const events = commit.map(({ event }) => event);
    const summary = summaryOf(events, this.#directory); // before what it names is gone
    const types = events.map(({ type }) => type);
    const { concerned, enforced, milliseconds } = await this.#receipts.wait(position, PATIENCE_MS);
    const receipt = { concerned, enforced, milliseconds };
    const notice: ReceiptNotice = { position, time, requestId, events: types, summary, ...receipt };
    bus.publish(RECEIPT_SUBJECT, JSON.stringify(notice));
  }
}

/** The first event that says most, and how many more there are. */
function summaryOf(events: readonly Event[], directory: Directory): string {
  const main = events.find(({ type }) => type !== 'RuleAuthorized' && type !== 'RuleRevoked') ?? events[0];
  if (!main) return '';
  const rest = events.length > 1 ? ` (+${events.length - 1})` : '';
  return eventText(main, directory) + rest;
}

function eventText(event: Event, directory: Directory): string {
  const nameOf = (groupId: GroupId): string => directory.groups.get(groupId)?.name ?? groupId;
  switch (event.type) {
    case 'AccountOpened':
      return `account ${event.accountId}`;
    case 'GroupCreated':
    case 'GroupDeleted':
    case 'PrefixListCreated':
    case 'PrefixListDeleted':
      return event.name;
    case 'RuleAuthorized':
    case 'RuleRevoked':
    case 'RuleModified':
      return `${nameOf(event.rule.groupId)}: ${ruleText(event.rule, nameOf)}`;
    case 'InstanceLaunched':
    case 'InstanceTerminated':
      return `${event.instance.instanceId} on ${event.instance.hostId}: ${event.instance.groupIds.map(nameOf).join(', ')}`;
    case 'InstanceAttached':
      return `${event.instanceId} on ${event.hostId}: ${event.interfaceName}`;
    case 'RuleDescriptionChanged':
      return `${nameOf(event.groupId)}: ${event.ruleId}`;
    case 'PrefixListModified':
      return `${event.prefixListId}: ${event.added.length} added, ${event.removed.length} removed`;
    case 'TagsChanged':
      return event.resourceId;
    case 'ClientTokenUsed':
      return event.resourceIds.join(', ');
    case 'HostRetired':
      return event.hostId;
    case 'HostTableRepaired':
      return `${event.hostId}: ${event.operations} operations, such as ${event.undone[0] ?? 'none'}`;
    case 'HostEnrolled':
      return `${event.hostId}: ${event.ranges.join(', ')}`;
  }
}

function ruleText({ direction, traffic, peer }: Rule, nameOf: (groupId: GroupId) => string): string {
  const { ipProtocol, fromPort, toPort } = protocolAndPorts(traffic);
  const ports = fromPort === undefined ? '' : fromPort === toPort ? ` ${fromPort}` : ` ${fromPort}-${toPort}`;
  const far = peer.kind === 'group' ? nameOf(peer.groupId) : peerKey(peer);
  return `${ipProtocol === '-1' ? 'all' : ipProtocol}${ports} ${direction === 'ingress' ? 'from' : 'to'} ${far}`;
}
