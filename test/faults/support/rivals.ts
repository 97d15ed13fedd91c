import { setTimeout as sleep } from 'node:timers/promises';
import type { Ec2Answer } from '../../support/ec2-client.js';
import type { Trio } from './trio.js';

const RETRY_MS = 20;
const NAMES = ['red', 'green', 'blue', 'black'];
const PORTS = [80, 443, 5432];

export interface Answered {
  readonly action: string;
  readonly requestId: string;
  readonly code: string | undefined;
  readonly position: number | undefined;
}

/** Clients of all three control planes that want the same few names, addresses and rules, and be rid of them again. */
export class Rivals {
  readonly answers: Answered[] = [];
  readonly #trio: Trio;
  readonly #clients: readonly Promise<void>[];
  #isOver = false;

  constructor(trio: Trio, each: number) {
    this.#trio = trio;
    this.#clients = Array.from({ length: each * trio.seats.length }, (_, index) => this.#client(index));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }

  async #client(index: number): Promise<void> {
    while (!this.#isOver) {
      const [action, parameters] = randomWish();
      const wish = action === 'TerminateInstances' ? await this.#anyInstance(index) : parameters;
      const answer = wish && (await this.#ask(index, action, wish));
      if (!answer) await sleep(RETRY_MS);
      else if (answer.status < 500) this.#note(action, answer);
    }
  }

  /** Undefined when there is no answer: then nobody knows whether it happened. */
  #ask(
    index: number,
    action: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<Ec2Answer | undefined> {
    return this.#trio
      .seat(index)
      .ec2.ask(action, parameters)
      .catch(() => undefined);
  }

  async #anyInstance(index: number): Promise<Record<string, string> | undefined> {
    const answer = await this.#ask(index, 'DescribeInstances', {
      'Filter.1.Name': 'instance-state-name',
      'Filter.1.Value.1': 'running',
    });
    const ids = answer?.text.match(/i-[0-9a-f]{8,17}/g) ?? [];
    const id = ids[Math.floor(Math.random() * ids.length)];
    return id === undefined ? undefined : { 'InstanceId.1': id };
  }

  #note(action: string, { text, code, position }: Ec2Answer): void {
    const requestId = /<request(?:Id|ID)>([^<]+)</i.exec(text)?.[1] ?? '';
    this.answers.push({ action, requestId, code, position });
  }
}

const pick = <Item>(all: readonly Item[]): Item => all[Math.floor(Math.random() * all.length)] as Item;

function randomWish(): readonly [string, Readonly<Record<string, string>>] {
  const [name, port] = [pick(NAMES), String(pick(PORTS))];
  const permission = {
    GroupName: name,
    'IpPermissions.1.IpProtocol': 'tcp',
    'IpPermissions.1.FromPort': port,
    'IpPermissions.1.ToPort': port,
    'IpPermissions.1.IpRanges.1.CidrIp': '0.0.0.0/0',
    'IpPermissions.1.IpRanges.2.CidrIp': '198.51.100.0/24',
  };
  const host = 1 + Math.floor(Math.random() * 3);
  return pick([
    ['CreateSecurityGroup', { GroupName: name, GroupDescription: name }],
    ['CreateSecurityGroup', { GroupName: name, GroupDescription: name }],
    ['DeleteSecurityGroup', { GroupName: name }],
    ['AuthorizeSecurityGroupIngress', permission],
    ['AuthorizeSecurityGroupIngress', permission],
    ['RevokeSecurityGroupIngress', permission],
    [
      'RunInstances',
      {
        ImageId: 'ami-12345678',
        MinCount: '1',
        MaxCount: '1',
        'SecurityGroup.1': name,
        'Placement.HostId': `host-${host}`,
        PrivateIpAddress: `10.0.${host}.${10 + Math.floor(Math.random() * 4)}`,
      },
    ],
    ['TerminateInstances', {}],
  ] as const);
}
