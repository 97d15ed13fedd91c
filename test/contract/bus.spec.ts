import { MemoryBroker, openNatsBus, type Bus } from '#libs/bus';
import { busContract } from '../../libs/bus/src/contract/bus-contract.js';
import { NatsServer } from '../support/cell.js';

busContract('memory', async () => {
  const broker = new MemoryBroker();
  let ends = 0;
  return {
    connect: async () => broker.connect(`end ${++ends}`),
    [Symbol.asyncDispose]: async () => undefined,
  };
});

busContract('nats', async () => {
  const server = await NatsServer.start();
  const ends: Bus[] = [];
  return {
    connect: async () => {
      const bus = await openNatsBus({ servers: server.url }, 'contract', () => undefined);
      ends.push(bus);
      return bus;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(ends.map((bus) => bus.close()));
      await server[Symbol.asyncDispose]();
    },
  };
});
