// Before anything else is loaded.
import './small-heap.js';
import { restoreAtBoot, uninstall } from './at-boot.js';
import { connectAgent } from './connected-agent.js';
import { log } from './log.js';
import { restore } from './restored.js';
import { dataplaneFrom, settingsFrom } from './settings.js';

const USAGE = `usage: rampart-host-agent            follow the control plane, until it is stopped
       rampart-host-agent restore    bring the last state into the kernel, and end
       rampart-host-agent uninstall  remove the table inet rampart, and end`;

/** The kernel first: what was enforced last is in force before anyone is asked. */
async function run(): Promise<void> {
  const settings = settingsFrom(process.env);
  const restored = restore(settings, log.warn);
  if (settings.dataplane === 'fake') log.warn('RAMPART_DATAPLANE=fake: no packet is ever dropped');
  const agent = await connectAgent(settings, restored, log);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => void agent[Symbol.asyncDispose]().then(() => process.exit()));
  await agent.start();
  log.info(`${settings.hostId} enforces what the log says`);
}

async function main([command, ...more]: readonly string[]): Promise<void> {
  if (command === undefined) return run();
  if (command === 'restore' && more.length === 0) return restoreAtBoot(settingsFrom(process.env));
  if (command === 'uninstall' && more.length === 0) return uninstall(dataplaneFrom(process.env));
  console.error(USAGE);
  process.exitCode = 2;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
