import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { plainAnswers, plainRequests } from './commands/plain-json.js';
import { ControlPlaneModule } from './control-plane.module.js';
import { settingsFrom } from './settings.js';

async function main(): Promise<void> {
  const settings = settingsFrom(process.env);
  const adapter = new FastifyAdapter();
  const app = await NestFactory.create<NestFastifyApplication>(ControlPlaneModule.with(settings), adapter, {
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  app.connectMicroservice<MicroserviceOptions>({
    transport: Transport.NATS,
    options: {
      servers: settings.natsUrl,
      queue: 'control-plane',
      name: 'rampart commands',
      maxReconnectAttempts: -1, // the default gives up after a while, and leaves an HTTP server that hears no command
      reconnectTimeWait: 250,
      waitOnFirstConnect: true,
      gracefulShutdown: true,
      gracePeriod: 200,
      serializer: plainAnswers,
      deserializer: plainRequests,
    },
  });
  app.enableShutdownHooks();
  await app.startAllMicroservices();
  await app.listen(settings.listen.port, settings.listen.host);
  console.log(`the control plane listens on http://${settings.listen.host}:${settings.listen.port}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
