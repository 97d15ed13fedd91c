import { openDataplane } from './open-dataplane.js';
import { restore } from './restored.js';
import type { Settings } from './settings.js';

/** Brings the last stored state into the kernel, asking nobody: for before there is a network. */
export function restoreAtBoot(settings: Settings): void {
  const { dataplane, host } = restore(settings, (message) => console.warn(message));
  dataplane[Symbol.dispose]();
  if (host.isDegraded) throw new Error('the kernel refuses some of the last state; the agent says what');
  console.log(`${settings.hostId} enforces what it stored last`);
}

/** Removes the table and nothing else. An agent that still runs would bring it back: it is to be stopped before. */
export function uninstall(settings: Pick<Settings, 'dataplane' | 'netns'>): void {
  using dataplane = openDataplane(settings);
  const outcome = dataplane.commit([{ type: 'deleteTable' }]);
  if (!outcome.committed) throw new Error(outcome.refused.reason);
  console.log('the table inet rampart is gone: nothing is enforced here any more');
}
