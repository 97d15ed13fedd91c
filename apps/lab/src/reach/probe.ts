import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { familyOf, parseIpAddress, type IpAddress } from '#libs/domain';
import { ping } from './ping.js';
import { parseTrial, type Trial } from './traffic.js';

/**
 * A program of its own, started in the namespace that the packets are to come from: `probe ADDRESS TRIAL MILLISECONDS`
 * ends with 0 when there was an answer, 1 when there was none.
 */
const [, , to = '', what = '', limit = ''] = process.argv;
const address = parseIpAddress(to);
if (!address) throw new TypeError(`not an address: ${to}`);
process.exit((await answers(address, parseTrial(what), Number(limit))) ? 0 : 1);

function answers(address: IpAddress, trial: Trial, milliseconds: number): Promise<boolean> {
  switch (trial.protocol) {
    case 'icmp':
      return ping(address, milliseconds);
    case 'tcp':
      return connects(address, trial.port, milliseconds);
    case 'udp':
      return echoes(address, trial.port, milliseconds);
  }
}

function connects(address: IpAddress, port: number, milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect({ host: address, port });
    connection.once('connect', () => resolve(true));
    // Even a refusal is an answer: the packet came through, and so did the reply.
    connection.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
    setTimeout(() => resolve(false), milliseconds);
  });
}

/** Datagrams get lost without a word, so one is sent again now and then. */
function echoes(address: IpAddress, port: number, milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(familyOf(address) === 4 ? 'udp4' : 'udp6');
    const send = (): void => socket.send('rampart', port, address);
    socket.once('message', () => resolve(true));
    socket.on('error', () => resolve(false));
    send();
    setInterval(send, Math.max(50, milliseconds / 4));
    setTimeout(() => resolve(false), milliseconds);
  });
}
