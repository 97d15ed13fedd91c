import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './programs.js';

/** A real nats-server with JetStream on a free port of loopback, and a folder of its own. */
export class JetStreamServer implements AsyncDisposable {
  readonly #port: number;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(port: number, folder: string) {
    this.#port = port;
    this.#folder = folder;
    this.#process = spawn('nats-server', ['-c', join(folder, 'nats.conf')], {
      stdio: 'ignore',
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
    });
  }

  static async start(): Promise<JetStreamServer> {
    const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), 'rampart-jetstream-'))];
    await writeFile(
      join(folder, 'nats.conf'),
      `listen: "127.0.0.1:${port}", max_payload: 8MB, jetstream: { store_dir: "${folder}" }`,
    );
    return new JetStreamServer(port, folder);
  }

  /** Of a log on one server, which is accepted to be unsynced. */
  addressOf(stream: string): string {
    return `jetstream:nats://127.0.0.1:${this.#port}/${stream}?replicas=1&unsynced=accepted`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
    await rm(this.#folder, { recursive: true });
  }
}
