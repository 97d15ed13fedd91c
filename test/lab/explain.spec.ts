import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IpAddress } from '#libs/domain';
import { namespaceOf } from '../../apps/lab/src/kernel/namespace.js';
import { parseTrial } from '../../apps/lab/src/reach/traffic.js';
import { askNative } from '../support/native-api.js';
import { Lab } from './support/lab.js';
import { noKernel } from './support/namespace.js';
import { Echo, reaches } from './support/packets.js';

const MACHINES = ['internet', 'apache-1', 'apache-2', 'mysql-1'];
const TRIALS = ['tcp/80', 'tcp/3306', 'tcp/22', 'udp/5353', 'icmp'];
const UDP_PORT = 5353;
const AT_ONCE = 6;
/** A busy machine may take longer than a trial waits; what is denied is as the first trial says. */
const PATIENCE = { timeout: 10_000, interval: 50 };

interface Explained {
  readonly allowed: boolean;
  readonly position: number;
  readonly egress: { readonly fix?: string };
  readonly ingress: { readonly fix?: string };
}
interface Journey {
  readonly from: string;
  readonly to: string;
  readonly what: string;
  readonly family: 4 | 6;
}

/** What explain says of a packet, and what becomes of that packet in the kernel. */
describe.skipIf(noKernel)(`explain, and real packets${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  let lab: Lab;
  const echoes: Echo[] = [];

  beforeAll(async () => {
    lab = await Lab.up();
    for (const name of MACHINES) echoes.push(new Echo(namespaceOf(name), [UDP_PORT]));
  });
  afterAll(async () => {
    for (const echo of echoes) echo[Symbol.dispose]();
    await lab[Symbol.asyncDispose]();
  });

  const addressOf = (name: string, family: 4 | 6): IpAddress => {
    const { instances, clients } = lab.status();
    const found = [...instances, ...clients].find((one) => one.name === name);
    return found?.addresses[family === 4 ? 0 : 1] as IpAddress;
  };

  async function explained({ from, to, what, family }: Journey, at?: number): Promise<Explained> {
    const folder = join(lab.directory, '.rampart');
    const [url = ''] = /http:\/\/[\d.:]+/.exec(readFileSync(join(folder, 'lab.env'), 'utf8')) ?? [];
    const [key] = JSON.parse(readFileSync(join(folder, 'access-keys.json'), 'utf8')) as [
      Record<string, string>,
    ];
    const environment = {
      EC2_URL: url,
      AWS_ACCESS_KEY_ID: key['accessKeyId'] ?? '',
      AWS_SECRET_ACCESS_KEY: key['secretAccessKey'] ?? '',
    };
    const [protocol = '', port] = what.split('/');
    const query = new URLSearchParams({
      from: addressOf(from, family),
      to: addressOf(to, family),
      protocol: protocol === 'icmp' && family === 6 ? 'icmpv6' : protocol,
      ...(port === undefined ? {} : { port }),
      ...(at === undefined ? {} : { at: String(at) }),
    });
    const { status, body } = await askNative(environment, `/v1/explain?${query.toString()}`);
    expect({ status, body }).toMatchObject({ status: 200 });
    return body as Explained;
  }

  const arrives = ({ from, to, what, family }: Journey): Promise<boolean> =>
    reaches(namespaceOf(from), addressOf(to, family), parseTrial(what));

  const journeys = MACHINES.flatMap((from) =>
    MACHINES.filter((to) => to !== from).flatMap((to) =>
      TRIALS.flatMap((what) => ([4, 6] as const).map((family): Journey => ({ from, to, what, family }))),
    ),
  );

  async function expectAgreement(): Promise<{
    readonly allowed: readonly Journey[];
    readonly denied: readonly Journey[];
  }> {
    const said = new Map<Journey, boolean>();
    for (let first = 0; first < journeys.length; first += AT_ONCE)
      await Promise.all(
        journeys.slice(first, first + AT_ONCE).map(async (journey) => {
          const { allowed } = await explained(journey);
          const outcome = async (): Promise<object> => ({ ...journey, arrives: await arrives(journey) });
          await expect.poll(outcome, PATIENCE).toEqual({ ...journey, arrives: allowed });
          said.set(journey, allowed);
        }),
      );
    return {
      allowed: journeys.filter((journey) => said.get(journey)),
      denied: journeys.filter((journey) => !said.get(journey)),
    };
  }

  it('agree between any two machines, and once what is said to be missing is there', async () => {
    const { allowed, denied } = await expectAgreement();
    expect(Math.min(allowed.length, denied.length)).toBeGreaterThan(10);
    for (const journey of [denied[0], denied[7], denied.at(-1)] as Journey[]) {
      const { ingress, position } = await explained(journey);
      expect(await arrives(journey)).toBe(false);
      await lab.verb(...(ingress.fix ?? '').split(' '), '--wait');
      expect({ ...journey, ...(await explained(journey)) }).toMatchObject({ allowed: true });
      await expect.poll(() => arrives(journey), PATIENCE).toBe(true);
      expect(await explained(journey, position)).toMatchObject({ allowed: false });
    }
    await lab.verb('ec2-revoke', 'MySQL', '-P', 'tcp', '-p', '3306', '-o', 'Apache', '--wait');
    expect((await expectAgreement()).denied).not.toEqual(denied);
  });
});
