import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { ANY, listeningSocket } from './kernel/sockets.js';
import { inNamespace } from './kernel/namespace.js';
import type { InstanceMachine } from './machines.js';

/**
 * What instances do for a living. The servers run in the lab's own process; only their sockets are in the instances'
 * namespaces, so that a hundred instances cost no more processes than three.
 */
export class Servers {
  readonly #running = new Map<InstanceMachine['id'], readonly (() => void)[]>();

  start(instance: InstanceMachine, namespace: string): void {
    const wanted = tradesOf(instance.name).map(({ port, serverFor }) => {
      const server = serverFor(instance.name);
      server.listen({ fd: inNamespace(namespace, () => listeningSocket(ANY, port)) });
      return closerOf(server);
    });
    this.#running.set(instance.id, wanted);
  }

  /** Open connections are cut: their sockets would keep the namespace alive. */
  stop(instance: InstanceMachine): void {
    for (const close of this.#running.get(instance.id) ?? []) close();
    this.#running.delete(instance.id);
  }

  stopAll(): void {
    for (const closers of this.#running.values()) for (const close of closers) close();
    this.#running.clear();
  }
}

interface Trade {
  readonly port: number;
  readonly serverFor: (name: string) => Server;
}

const WEB: Trade = { port: 80, serverFor: webServer };
const DATABASE: Trade = { port: 3306, serverFor: databaseServer };

/** An instance that someone launches later may be either, so it is both. */
function tradesOf(name: string): readonly Trade[] {
  if (name.startsWith('apache-')) return [WEB];
  if (name.startsWith('mysql-')) return [DATABASE];
  return [WEB, DATABASE];
}

function webServer(name: string): Server {
  return createHttpServer((request, response) => {
    response.setHeader('content-type', 'text/plain');
    response.end(`${name} says hello to ${plain(request.socket.remoteAddress)}\n`);
  });
}

/** Speaks first, as MySQL does, and answers every line. */
function databaseServer(name: string): Server {
  return createServer((connection) => {
    connection.write(`${name} says hello to ${plain(connection.remoteAddress)}\n`);
    const lines = createInterface(connection);
    lines.on('line', (line) => connection.write(`${name} heard ${line}\n`));
    for (const one of [connection, lines]) one.on('error', () => connection.destroy());
  });
}

/** An IPv4 peer of a socket for both families is called `::ffff:192.0.2.1`. */
const plain = (address: string | undefined): string => (address ?? 'nobody').replace('::ffff:', '');

function closerOf(server: Server): () => void {
  const open = new Set<Socket>();
  server.on('connection', (connection) => {
    open.add(connection);
    connection.once('close', () => open.delete(connection));
  });
  return () => {
    server.close();
    for (const connection of open) connection.destroy();
  };
}
