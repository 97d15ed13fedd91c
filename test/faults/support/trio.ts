import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signRequest } from '#libs/protocol';
import { accountId, NatsServer } from '../../support/cell.js';
import { Ec2Client } from '../../support/ec2-client.js';
import { freePort, Program } from '../../support/programs.js';

const KEY = { accessKeyId: 'AKIDEXAMPLE12345', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' };

/** A control plane that is a process, and how clients reach it and no other. */
export interface Seat {
  readonly program: Program;
  readonly ec2: Ec2Client;
  /** The answer of the native API, as JSON. */
  readonly get: (path: string) => Promise<unknown>;
}

/** Three control planes on one log, a nats-server, and hosts whose agents enforce on a fake that is as strict. */
export class Trio implements AsyncDisposable {
  readonly seats: Seat[] = [];
  readonly hostIds = ['host-1', 'host-2', 'host-3'] as const;
  readonly #resources = new AsyncDisposableStack();

  /** `log` is the store's address. */
  static async start(log: string): Promise<Trio> {
    const trio = new Trio();
    try {
      await trio.#start(log);
      return trio;
    } catch (error) {
      await trio[Symbol.asyncDispose]();
      throw error;
    }
  }

  seat(index: number): Seat {
    const seat = this.seats[index % this.seats.length];
    if (!seat) throw new Error('no control plane was started');
    return seat;
  }

  async #start(log: string): Promise<void> {
    const resources = this.#resources;
    const folder = mkdtempSync(join(tmpdir(), 'rampart-trio-'));
    resources.defer(() => rmSync(folder, { recursive: true }));
    const nats = resources.use(await NatsServer.start());
    const keys = join(folder, 'keys.json');
    writeFileSync(keys, JSON.stringify([{ accountId, ...KEY, operator: true }]));
    const ports = await Promise.all([freePort(), freePort(), freePort()]);
    const settings = {
      RAMPART_NATS_URL: nats.url,
      RAMPART_LOG: log,
      RAMPART_ACCESS_KEYS: keys,
      RAMPART_LIMIT_RULES: '1000',
    };
    // At once, on a log that is not there yet: all three open the account.
    const seats = ports.map(async (port) => {
      const address = `127.0.0.1:${port}`;
      const own = { RAMPART_LISTEN: address, RAMPART_HISTORY: join(folder, `history-${port}`) };
      const program = await Program.controlPlane({ ...settings, ...own });
      return resources.use(program) && seatOf(program, address);
    });
    this.seats.push(...(await Promise.all(seats)));
    const agents = this.hostIds.map((hostId, index) =>
      Program.hostAgent({
        RAMPART_HOST_ID: hostId,
        RAMPART_HOST_RANGES: `10.0.${index + 1}.0/24`,
        RAMPART_NATS_URL: nats.url,
        RAMPART_STATE: join(folder, hostId),
        RAMPART_DATAPLANE: 'fake',
      }).then((agent) => resources.use(agent)),
    );
    await Promise.all(agents);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}

function seatOf(program: Program, host: string): Seat {
  const environment = {
    EC2_URL: `http://${host}`,
    AWS_ACCESS_KEY_ID: KEY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
  };
  const get = async (path: string): Promise<unknown> => {
    const request = { method: 'GET', path, query: '', headers: { host }, body: '' };
    const scope = { region: 'us-east-1', service: 'rampart', time: new Date().toISOString() };
    const headers = { host, ...signRequest(request, KEY, scope) };
    return (await fetch(`http://${host}${path}`, { headers })).json();
  };
  // Answers tell where the change stands, though nobody waits for it.
  return { program, ec2: new Ec2Client(environment, { 'x-rampart-wait': '0' }), get };
}
