import 'reflect-metadata';
import { once } from 'node:events';
import { NestFactory } from '@nestjs/core';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AccessKeys } from './accounts/access-keys.js';
import { plainAnswers, plainRequests } from './commands/plain-json.js';
import { ControlPlaneModule } from './control-plane.module.js';
import { Ec2ExceptionFilter } from './ec2/ec2-exception.filter.js';
import { inheritedSocket } from './inherited-socket.js';
import { KnownParameters } from './native/known-parameters.js';
import { PastExceptionFilter } from './native/past-exception.filter.js';
import { PlainLogger } from './plain-logger.js';
import { RefusalLog } from './refusals/refusal-log.js';
import { settingsFrom } from './settings.js';

/** Between two looks for connections that nobody uses any more, while the server closes. */
const LOOK_MS = 50;

async function main(): Promise<void> {
  const settings = settingsFrom(process.env);
  const adapter = new FastifyAdapter();
  const app = await NestFactory.create<NestFastifyApplication>(ControlPlaneModule.with(settings), adapter, {
    logger: new PlainLogger(),
    abortOnError: false,
  });
  // Signatures are of the bytes that were sent, so whatever a body says it is, it stays bytes.
  adapter.getInstance().removeAllContentTypeParsers();
  app.useBodyParser('*', { bodyLimit: settings.longestBody });
  const refused = new Ec2ExceptionFilter(settings.longestBody, app.get(AccessKeys), app.get(RefusalLog));
  // A closing server closes connections that are idle by then; one whose last answer was still on its way would be waited
  // for until its client goes, or for Fastify's 72 s.
  adapter.getInstance().addHook('preClose', (done) => {
    setInterval(() => app.getHttpServer().closeIdleConnections(), LOOK_MS).unref();
    done();
  });
  app.useGlobalFilters(refused, new PastExceptionFilter());
  app.useGlobalGuards(new KnownParameters());
  app.connectMicroservice<MicroserviceOptions>({
    transport: Transport.NATS,
    options: {
      ...settings.nats,
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
  await app.init();
  const where = inheritedSocket() ?? settings.listen;
  await app.getHttpAdapter().getInstance().ready();
  const server = app.getHttpServer();
  server.listen(where);
  await once(server, 'listening');
  console.log(
    `the control plane listens on ${'fd' in where ? 'the socket it was given' : `http://${where.host}:${where.port}`}`,
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
