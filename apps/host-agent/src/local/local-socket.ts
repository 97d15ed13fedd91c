import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { LocalCommands, LocalReply, LocalRequest } from './local-commands.js';

/** Only its owner and root may use it: who does, launches instances. */
const PRIVATE = 0o177;

/** A unix socket for this machine's scripts: each line a request, each answered by a line, also after their last. */
export class LocalSocket implements Disposable {
  readonly #server: Server;

  constructor(path: string, commands: LocalCommands, warn: (message: string) => void) {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      converse(socket, commands).catch(() => socket.destroy()); // whoever asked is gone
    });
    this.#server.on('error', (error) => warn(`no local commands: ${error.message}`));
    rmSync(path, { force: true }); // left by an agent that was killed
    const before = process.umask(PRIVATE);
    this.#server.listen(path);
    process.umask(before);
  }

  [Symbol.dispose](): void {
    this.#server.close();
  }
}

async function converse(socket: Socket, commands: LocalCommands): Promise<void> {
  socket.on('error', () => undefined);
  for await (const line of createInterface(socket)) {
    const reply = await answer(line, commands);
    socket.write(`${JSON.stringify(reply)}\n`);
  }
  socket.end();
}

async function answer(line: string, commands: LocalCommands): Promise<LocalReply> {
  try {
    return await commands.do(JSON.parse(line) as LocalRequest);
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}
