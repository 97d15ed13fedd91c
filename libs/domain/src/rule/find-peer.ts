import type { CellState } from '../cell/state.js';
import { findGroup, groupUnknown } from '../group/decide.js';
import type { GroupRefusal } from '../group/messages.js';
import { findPrefixList } from '../prefix-list/decide.js';
import type { PrefixListRefusal } from '../prefix-list/messages.js';
import type { AccountId } from '../values/ids.js';
import type { Peer } from '../values/rule.js';
import type { RequestedPeer } from './messages.js';

/** Any account's group may be a peer, looked for in the account that the peer names; prefix lists must be one's own. */
export function findPeer(
  requested: RequestedPeer,
  ownAccountId: AccountId,
  state: CellState,
): Peer | GroupRefusal | PrefixListRefusal {
  switch (requested.kind) {
    case 'cidr':
      return requested;
    case 'group': {
      const { accountId, group: reference } = requested;
      const group = findGroup(reference, accountId, state);
      if (!group) return groupUnknown(reference, accountId, state);
      return { kind: 'group', accountId, groupId: group.groupId };
    }
    case 'prefix-list': {
      const { prefixListId } = requested;
      const list = findPrefixList(prefixListId, ownAccountId, state);
      if (!list) return { code: 'PrefixListUnknown', prefixListId };
      return { kind: 'prefix-list', prefixListId, family: list.family };
    }
  }
}
