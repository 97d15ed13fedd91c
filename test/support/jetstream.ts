import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './programs.js';

/** A real nats-server with JetStream on a free port of loopback, and a folder of its own. */
export class JetStreamServer implements AsyncDisposable {
  readonly url: string;
  readonly #folder: string;
  #process: ChildProcess;

  private constructor(url: string, folder: string) {
    this.url = url;
    this.#folder = folder;
    this.#process = this.#spawn();
  }

  /** With room for the largest records, where it isn't the limit that is tested. */
  static async start(maxPayload = '8MB'): Promise<JetStreamServer> {
    const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), 'rampart-jetstream-'))];
    await writeFile(
      join(folder, 'nats.conf'),
      `listen: "127.0.0.1:${port}", max_payload: ${maxPayload}, jetstream: { store_dir: "${folder}" }`,
    );
    return new JetStreamServer(`nats://127.0.0.1:${port}`, folder);
  }

  /** Of a log on one server, which is accepted to be unsynced. */
  addressOf(stream: string): string {
    return `jetstream:${this.url}/${stream}?replicas=1&unsynced=accepted`;
  }

  start(): void {
    this.#process = this.#spawn();
  }

  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true });
  }

  #spawn(): ChildProcess {
    return spawn('nats-server', ['-c', join(this.#folder, 'nats.conf')], {
      stdio: 'ignore',
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
    });
  }
}
