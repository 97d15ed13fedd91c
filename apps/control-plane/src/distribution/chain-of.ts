import type { HostId } from '#libs/domain';
import type { Chain } from '#libs/projections';
import type { ChainName } from '#libs/protocol';

/** The chain that a host speaks of. */
export function chainOf(hostId: HostId, name: ChainName): Chain {
  switch (name.chain) {
    case 'host':
      return { kind: 'host', hostId };
    case 'prefixes':
      return { kind: 'prefixes', prefixListId: name.id };
    case 'rules':
    case 'members':
      return { kind: name.chain, groupId: name.id };
  }
}
