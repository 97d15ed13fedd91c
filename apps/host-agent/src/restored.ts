import type { Dataplane } from '#libs/nftables';
import { EnforcedPolicy } from './enforcement/enforced-policy.js';
import { openDataplane } from './open-dataplane.js';
import type { Settings } from './settings.js';
import { StateFile } from './state/state-file.js';

/** A host as it was when its agent last ran: the kernel enforces the stored state, nobody has been asked yet. */
export interface Restored {
  readonly dataplane: Dataplane;
  readonly host: EnforcedPolicy;
}

export function restore(settings: Settings, warn: (message: string) => void): Restored {
  const dataplane = openDataplane(settings);
  const state = new StateFile(settings.stateFile);
  return { dataplane, host: EnforcedPolicy.restore(dataplane, state, warn, settings.host) };
}
