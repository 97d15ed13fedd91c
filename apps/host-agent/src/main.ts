// Before anything else is loaded.
import './small-heap.js';
import { restoreAtBoot, uninstall } from './at-boot.js';
import { restore } from './restored.js';
import { dataplaneFrom, settingsFrom } from './settings.js';

const USAGE = `usage: rampart-host-agent            follow the control plane, until it is stopped
       rampart-host-agent restore    bring the last state into the kernel, and end
       rampart-host-agent uninstall  remove the table inet rampart, and end`;

/** The kernel first: what was enforced last is in force before the framework is loaded, and before anyone is asked. */
async function run(): Promise<void> {
  const settings = settingsFrom(process.env);
  let warn = (message: string): void => console.warn(message);
  const restored = restore(settings, (message) => warn(message));
  await import('reflect-metadata');
  const [{ Logger }, { NestFactory }, { HostAgentModule }, { PlainLogger }] = await Promise.all([
    import('@nestjs/common'),
    import('@nestjs/core'),
    import('./host-agent.module.js'),
    import('./plain-logger.js'),
  ]);
  const log = new Logger('host-agent');
  warn = (message) => log.warn(message);
  const app = await NestFactory.createApplicationContext(HostAgentModule.with(settings, restored), {
    logger: new PlainLogger(),
    abortOnError: false,
  });
  app.enableShutdownHooks();
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
