import { DEFAULT_SETTINGS, type HostSettings } from '#libs/compiler';
import { FAILSAFE_IN, FAILSAFE_OUT, parsePorts, portsTo } from '../../apps/host-agent/src/host-settings.js';

export { hostPolicyOf, recompute } from '../../apps/control-plane/src/verification/recompute.js';

/** What an agent adds by its own settings, when it is told no more than where nats-server is. */
export const defaultSettings = (natsUrl: string): HostSettings => ({
  ...DEFAULT_SETTINGS,
  failsafe: {
    in: parsePorts(FAILSAFE_IN) ?? [],
    out: [...(parsePorts(FAILSAFE_OUT) ?? []), ...portsTo(natsUrl)],
  },
});
