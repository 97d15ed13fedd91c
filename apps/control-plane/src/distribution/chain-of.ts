import type { HostId } from '#libs/domain';
import type { Chain } from '#libs/projections';
import type { ChainName } from '#libs/protocol';

/** The chain that a host speaks of. */
export const chainOf = (hostId: HostId, { chain, groupId }: ChainName): Chain =>
  chain === 'host' || groupId === undefined ? { kind: 'host', hostId } : { kind: chain, groupId };
