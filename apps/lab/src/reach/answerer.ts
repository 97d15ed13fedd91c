import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { inNamespace } from '../kernel/namespace.js';
import { ANY, datagramSocket, listeningSocket } from '../kernel/sockets.js';
import type { Trial } from './traffic.js';

/** Sees to it that somebody answers on that port of a namespace while a trial lasts; who is there already may stay. */
export function answerIn(namespace: string, trial: Trial): Disposable {
  const open = (make: typeof listeningSocket): number | undefined => {
    try {
      return inNamespace(namespace, () => make(ANY, trial.protocol === 'icmp' ? 0 : trial.port));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
      throw error;
    }
  };
  switch (trial.protocol) {
    case 'icmp':
      return nothing; // the kernel answers pings
    case 'tcp': {
      const fd = open(listeningSocket);
      if (fd === undefined) return nothing;
      const server = createServer((connection) => connection.end());
      server.listen({ fd });
      return { [Symbol.dispose]: () => void server.close() };
    }
    case 'udp': {
      const fd = open(datagramSocket);
      if (fd === undefined) return nothing;
      const socket = createSocket('udp6');
      socket.on('message', (message, from) => socket.send(message, from.port, from.address));
      socket.bind({ fd });
      return { [Symbol.dispose]: () => void socket.close() };
    }
  }
}

const nothing: Disposable = { [Symbol.dispose]: () => undefined };
