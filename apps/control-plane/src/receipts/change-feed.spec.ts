import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { fastify } from 'fastify';
import { expect, it } from 'vitest';
import { ChangeFeed } from './change-feed.js';
import { ReceiptBoard } from './receipt-board.js';

const MOST = 100;
const LAST_ID = 'last-event-id';

/** What the control plane does with a feed: the same HTTP server, and real sockets. */
async function serve() {
  const board = new ReceiptBoard();
  const feed = new ChangeFeed(board, MOST);
  const app = fastify();
  app.get('/', ({ headers }, reply) =>
    reply.send(feed.read(headers[LAST_ID] as string | undefined, ({ position }) => position !== 2)),
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  let position = 0;
  const change = (): number => {
    board.open({ first: ++position, position, time: '', requestId: 'x'.repeat(1000) }, [], 0);
    return position;
  };
  const connections = promisify(app.server.getConnections.bind(app.server));
  const ask = async (after?: string): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    const header = after === undefined ? '' : `${LAST_ID}: ${after}\r\n`;
    socket.write(`GET / HTTP/1.1\r\nhost: x\r\n${header}\r\n`);
    await once(socket, 'readable');
    return socket;
  };
  return {
    change,
    ask,
    connections,
    [Symbol.asyncDispose]: async () => {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

/** Reads until the text is in what came. */
async function heardUntil(socket: Socket, wanted: string): Promise<string> {
  let heard = '';
  for await (const data of socket) {
    heard += String(data);
    if (heard.includes(wanted)) break;
  }
  return heard;
}
const positionsIn = (heard: string): readonly number[] =>
  [...heard.matchAll(/"position":(\d+)/g)].map(([, position]) => Number(position));

it('cuts off a reader that does not read, and no other', async () => {
  await using feed = await serve();
  await feed.ask(); // takes what fits into its buffers, and no more
  const reading = await feed.ask();
  let last = '';
  reading.on('data', (data: Buffer) => (last = (last + String(data)).slice(-4000)));
  for (let round = 0; round < 1000 && (await feed.connections()) > 1; round++) {
    for (let count = 1; count < MOST / 2; count++) feed.change();
    const newest = `"position":${feed.change()},`;
    while (!last.includes(newest)) await once(reading, 'data');
  }
  expect(await feed.connections()).toBe(1);
  expect(reading.closed).toBe(false);
});

it('goes on after the notice that a reader names, and with all that is remembered when it does not know it', async () => {
  await using feed = await serve();
  for (let count = 0; count < 3; count++) feed.change();
  const all = await heardUntil(await feed.ask('of-another-time'), '"position":3');
  expect(positionsIn(all)).toEqual([1, 3]);
  const [first = ''] = [...all.matchAll(/^id: (.+)$/gm)].map(([, id = '']) => id);
  expect(positionsIn(await heardUntil(await feed.ask(first), '"position":3'))).toEqual([3]);
  const now = await feed.ask();
  feed.change();
  expect(positionsIn(await heardUntil(now, '"position":4'))).toEqual([4]);
});
