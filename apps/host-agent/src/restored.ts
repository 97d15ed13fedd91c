import { FakeDataplane, NetlinkDataplane, type Dataplane } from '#libs/nftables';
import { EnforcedPolicy } from './enforcement/enforced-policy.js';
import type { Settings } from './settings.js';
import { StateFile } from './state/state-file.js';

/** A host as it was when its agent last ran: the kernel enforces the stored state, nobody has been asked yet. */
export interface Restored {
  readonly dataplane: Dataplane;
  readonly host: EnforcedPolicy;
}

export function restore(
  { dataplane: kind, netns, stateFile }: Settings,
  warn: (message: string) => void,
): Restored {
  const dataplane =
    kind === 'fake' ? new FakeDataplane() : new NetlinkDataplane(netns === undefined ? {} : { netns });
  return { dataplane, host: EnforcedPolicy.restore(dataplane, new StateFile(stateFile), warn) };
}
