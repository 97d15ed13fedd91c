import { FakeDataplane, NetlinkDataplane, type Dataplane } from '#libs/nftables';
import type { Settings } from './settings.js';

/** The kernel's, of the namespace that the settings name; or one that drops no packet. */
export function openDataplane({ dataplane, netns }: Pick<Settings, 'dataplane' | 'netns'>): Dataplane {
  if (dataplane === 'fake') return new FakeDataplane();
  return new NetlinkDataplane(netns === undefined ? {} : { netns });
}
