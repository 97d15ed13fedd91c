import type {
  Cidr,
  GroupId,
  HostId,
  Instance,
  IpAddress,
  LogPosition,
  PrefixListId,
  RecordedEvent,
  Rule,
} from '#libs/domain';

/** A group and the number that the kernel knows it by. */
export interface NumberedGroup {
  readonly groupId: GroupId;
  readonly number: number;
}

/**
 * What hosts are told is cut into chains, each followed by just those who need it: the rules of a group by the hosts
 * of its instances, the members of a group and the blocks of a prefix list by the hosts that enforce a rule with it as
 * its peer, and what is launched and terminated on a host by that host.
 */
export type Chain =
  | { readonly kind: 'rules'; readonly groupId: GroupId }
  | { readonly kind: 'members'; readonly groupId: GroupId }
  | { readonly kind: 'prefixes'; readonly prefixListId: PrefixListId }
  | { readonly kind: 'host'; readonly hostId: HostId };

/**
 * A position of the log, and of the event there as much as tells it from any other: in a log that was restored from a
 * backup, other events come to stand where some are known to stand.
 */
export interface Place {
  readonly position: LogPosition;
  readonly event: string;
}

/** Of an event's id, a UUIDv7, the part that is chance. */
export const placeOf = ({ position, id }: Pick<RecordedEvent, 'position' | 'id'>): Place => ({
  position,
  event: id.slice(-12),
});

/** One commit's change of one chain: `previous` is the place of the chain's change before it. */
export type ChainDelta = Place & { readonly previous: LogPosition; readonly previousEvent: string } & (
    | ({
        readonly kind: 'rules';
        readonly added: readonly Rule[];
        readonly removed: readonly Rule[];
      } & NumberedGroup)
    | ({
        readonly kind: 'members';
        readonly added: readonly IpAddress[];
        readonly removed: readonly IpAddress[];
      } & NumberedGroup)
    | {
        readonly kind: 'prefixes';
        readonly prefixListId: PrefixListId;
        readonly added: readonly Cidr[];
        readonly removed: readonly Cidr[];
      }
    | {
        readonly kind: 'host';
        readonly hostId: HostId;
        readonly launched: readonly Instance[];
        readonly terminated: readonly Instance[];
      }
  );

/** A delta, and the hosts that must enforce it. */
export interface Broadcast {
  readonly delta: ChainDelta;
  /** Never changed: the same set for as long as the same hosts are concerned. */
  readonly concerned: ReadonlySet<HostId>;
}

export function chainText(chain: Chain): string {
  switch (chain.kind) {
    case 'host':
      return `host ${chain.hostId}`;
    case 'prefixes':
      return `prefixes ${chain.prefixListId}`;
    case 'rules':
    case 'members':
      return `${chain.kind} ${chain.groupId}`;
  }
}
