import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountId, NatsServer } from './cell.js';
import { freePort, Program } from './programs.js';

/** A control plane and agents on hosts, all of them processes; the agents enforce nothing, so no kernel is needed. */
export class Installation implements AsyncDisposable {
  /** What a client has to know. */
  readonly environment: Readonly<Record<string, string>>;
  /** In the order of their numbers. */
  readonly agents: readonly Program[];
  readonly controlPlane: Program;
  readonly #nats: NatsServer;
  readonly #folder: string;

  private constructor(
    environment: Readonly<Record<string, string>>,
    controlPlane: Program,
    agents: readonly Program[],
    nats: NatsServer,
    folder: string,
  ) {
    this.environment = environment;
    this.controlPlane = controlPlane;
    this.agents = agents;
    this.#nats = nats;
    this.#folder = folder;
  }

  /** `host-1`, `host-2` and so on, each with a range of its own; `settings` are of the control plane. */
  static async start(
    hosts: number,
    settings: Readonly<Record<string, string>> = {},
    others: readonly object[] = [],
  ): Promise<Installation> {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-installation-'));
    const key = {
      accountId,
      accessKeyId: 'AKIDEXAMPLE12345',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG',
      operator: true,
    };
    const keys = join(folder, 'keys.json');
    writeFileSync(keys, JSON.stringify([key, ...others]));
    const [nats, port] = [await NatsServer.start(), await freePort()];
    const controlPlane = await Program.controlPlane({
      RAMPART_LISTEN: `127.0.0.1:${port}`,
      RAMPART_NATS_URL: nats.url,
      RAMPART_LOG: 'memory',
      RAMPART_ACCESS_KEYS: keys,
      ...settings,
    });
    const agents = Array.from({ length: hosts }, (_, index) => startAgent(index + 1, nats.url, folder));
    const environment = {
      EC2_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    };
    return new Installation(environment, controlPlane, await Promise.all(agents), nats, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.controlPlane, ...this.agents].map((program) => program.end()));
    await this.#nats[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true });
  }
}

const startAgent = (number: number, natsUrl: string, folder: string): Promise<Program> =>
  Program.hostAgent({
    RAMPART_HOST_ID: `host-${number}`,
    RAMPART_HOST_RANGES: `10.0.${number}.0/24,fd00:0:0:${number}::/64`,
    RAMPART_HOST_ADDRESSES: `192.0.2.${number}`,
    RAMPART_NATS_URL: natsUrl,
    RAMPART_STATE: join(folder, `state-${number}`),
    RAMPART_DATAPLANE: 'fake',
  });
