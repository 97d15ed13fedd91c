import { connect, createServer, type Socket } from 'node:net';

/**
 * A program of its own: passes connections on. Its listening socket (descriptor 3) is the machine's, the process is in
 * the fabric's namespace, and so are its connections to `argv[2]`:`argv[3]`.
 */
const [, , address = '127.0.0.1', port = '4222'] = process.argv;

const join = (one: Socket, other: Socket): void => {
  one.pipe(other);
  one.on('error', () => other.destroy());
  one.on('close', () => other.destroy());
};

const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ host: address, port: Number(port), noDelay: true });
  join(client, upstream);
  join(upstream, client);
});
server.listen({ fd: 3 });
process.once('SIGTERM', () => process.exit(0));
