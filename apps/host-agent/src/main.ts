// Before anything else is loaded.
import './small-heap.js';
import { restore } from './restored.js';
import { settingsFrom } from './settings.js';

/** The kernel first: what was enforced last is in force before the framework is loaded, and before anyone is asked. */
async function main(): Promise<void> {
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

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
