import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { LabRecord } from '../../../apps/lab/src/record.js';

const LAB = join('dist', 'apps', 'lab', 'src', 'main.js');
const VERBS = join(process.cwd(), 'apps', 'cli', 'bin');

/** Not those of `npm start`, so that a test says whose port is taken rather than talk to another lab. */
const PORTS = ['--port', '8890', '--nats-port', '4390'];

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A lab in the background, in a folder of its own. */
export class Lab implements AsyncDisposable {
  readonly directory: string;
  readonly #variables: Readonly<Record<string, string>>;

  private constructor(variables: Readonly<Record<string, string>>) {
    this.directory = mkdtempSync(join(tmpdir(), 'rampart-lab-'));
    this.#variables = { ...variables, RAMPART_DIRECTORY: join(this.directory, '.rampart') };
  }

  /** `variables` are for the lab's environment: RAMPART_DATAPLANE=fake, say. */
  static async up(
    args: readonly string[] = [],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<Lab> {
    const lab = new Lab(variables);
    const outcome = await lab.again(args);
    if (outcome.status === 0) return lab;
    await lab[Symbol.asyncDispose]();
    throw new Error(`the lab did not come up:\n${outcome.stdout}${outcome.stderr}`);
  }

  /** `up` in the same folder once more. */
  again(args: readonly string[] = []): Promise<Outcome> {
    return this.run('up', '--detach', ...PORTS, ...args);
  }

  /** `rampart lab …` */
  run(...args: readonly string[]): Promise<Outcome> {
    return run(process.execPath, [LAB, ...args], this.#environment());
  }

  /** A command on one of its machines. */
  exec(machine: string, ...command: readonly string[]): Promise<Outcome> {
    return this.run('exec', machine, '--', ...command);
  }

  /** Whether packets get from one to the other. */
  async tries(from: string, to: string, what: string, ...options: readonly string[]): Promise<boolean> {
    const { status, stderr } = await this.run('try', from, to, what, ...options);
    if (status !== 0 && stderr !== '') throw new Error(stderr);
    return status === 0;
  }

  /** A verb such as `ec2-authorize`, in a shell that has read the lab's lab.env; fails when the verb does. */
  async verb(...words: readonly string[]): Promise<string> {
    const script = `. "$RAMPART_DIRECTORY/lab.env"; exec "$@"`;
    const { status, stdout, stderr } = await run(
      'sh',
      ['-c', script, 'sh', join(VERBS, words[0] ?? ''), ...words.slice(1)],
      this.#environment(),
    );
    if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
    return stdout;
  }

  status(): LabRecord {
    return JSON.parse(readFileSync(join(this.directory, '.rampart', 'lab.json'), 'utf8')) as LabRecord;
  }

  /** What it has said since it is up. */
  said(): string {
    return readFileSync(join(this.directory, '.rampart', 'logs', 'lab.log'), 'utf8');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run('down');
    rmSync(this.directory, { recursive: true, force: true });
  }

  #environment(): NodeJS.ProcessEnv {
    const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('RAMPART_'));
    return { ...Object.fromEntries(clean), ...this.#variables };
  }
}

/** The namespaces that labs make; those of other tests are left out. */
export const labNamespaces = (): readonly string[] => {
  try {
    return readdirSync('/run/netns').filter((name) => /^rampart-(?!test-|x-)/.test(name));
  } catch {
    return [];
  }
};

async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const status = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [code, stdout, stderr] = await Promise.all([status, text(child.stdout), text(child.stderr)]);
  return { status: code, stdout, stderr };
}
