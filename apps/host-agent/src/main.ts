import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { HostAgentModule } from './host-agent.module.js';
import { PlainLogger } from './plain-logger.js';
import { settingsFrom } from './settings.js';

async function main(): Promise<void> {
  const settings = settingsFrom(process.env);
  const app = await NestFactory.createApplicationContext(HostAgentModule.with(settings), {
    logger: new PlainLogger(),
    abortOnError: false,
  });
  app.enableShutdownHooks();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
