import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** A program as users start it: built, on its own, told by its environment. */
export class Program implements AsyncDisposable {
  readonly #name: string;
  readonly #variables: Readonly<Record<string, string>>;
  readonly #ready: string;
  /** The network namespace that it runs in, where that is not the test's. */
  readonly #namespace: string | undefined;
  #process: ChildProcess | undefined;

  private constructor(
    name: string,
    variables: Readonly<Record<string, string>>,
    ready: string,
    namespace?: string,
  ) {
    this.#namespace = namespace;
    this.#name = name;
    this.#variables = variables;
    this.#ready = ready;
  }

  static async controlPlane(variables: Readonly<Record<string, string>>): Promise<Program> {
    const program = new Program('control-plane', variables, 'listens on');
    await program.start();
    return program;
  }

  static async hostAgent(variables: Readonly<Record<string, string>>, namespace?: string): Promise<Program> {
    const program = new Program('host-agent', variables, 'enforces what the log says', namespace);
    await program.start();
    return program;
  }

  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error(`${this.#name} does not run`);
    return pid;
  }

  /** Resolves once it has said that it is ready. */
  async start(): Promise<void> {
    const place = this.#namespace === undefined ? [] : ['ip', 'netns', 'exec', this.#namespace];
    const [command, ...rest] = [...place, process.execPath, `dist/apps/${this.#name}/src/main.js`];
    const child = spawn(command, rest, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...this.#variables },
    });
    this.#process = child;
    const exited = once(child, 'exit').then(([status]) => {
      throw new Error(`${this.#name} ended with ${String(status)} before it was ready`);
    });
    const said = new Promise<void>((resolve) => {
      let text = '';
      child.stdout.on('data', (data: Buffer) => {
        text += data.toString();
        if (text.includes(this.#ready)) resolve();
      });
    });
    exited.catch(() => undefined);
    await Promise.race([said, exited]);
  }

  /** `SIGSTOP` and `SIGCONT` have it do nothing for a while. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Runs it once with these arguments, to its end; its exit status, and what it said. */
  async once(...args: readonly string[]): Promise<{ readonly status: number; readonly said: string }> {
    const child = spawn(process.execPath, [`dist/apps/${this.#name}/src/main.js`, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#variables },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => (said += data.toString()));
    const [status] = (await once(child, 'close')) as [number];
    return { status, said };
  }

  /** Resolves with the exit status when it is gone; null when the signal ended it. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<unknown> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return undefined;
    child.kill(signal);
    return (await once(child, 'exit'))[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}
