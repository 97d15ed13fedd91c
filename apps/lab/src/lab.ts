import { mkdirSync, writeFileSync } from 'node:fs';
import type { NatsConnection } from '@nats-io/transport-node';
import { LabError } from './errors.js';
import { Fleet } from './fleet.js';
import { followFleet, followReceipts, openNats } from './following.js';
import type { Ground } from './ground/ground.js';
import { makeKeys, writeKeys, type LabKeys } from './keys.js';
import { initialRecord, type LabOptions } from './options.js';
import { stepsBy, type Say, type Step } from './output.js';
import { DIRECTORY, FILES } from './paths.js';
import { controlPlane, hostAgent, natsServer } from './processes/programs.js';
import { Supervisor } from './processes/supervisor.js';
import { areEnrolled, isHealthy } from './readiness.js';
import { RecordFile, type LabRecord } from './record.js';
import { describeInstances } from './story/describe.js';
import { Ec2Client } from './story/ec2-client.js';
import { storyHolds } from './story/proof.js';
import { seed } from './story/seed.js';
import { removeFiles } from './tidy.js';
import { orAborted, until } from './waiting.js';

export interface Surroundings {
  readonly ground: Ground;
  readonly say: Say;
  /** Aborted when the lab is to end, or can't go on. */
  readonly ending: AbortController;
  /** What is started goes here, so that it is ended in the opposite order. */
  readonly started: AsyncDisposableStack;
}

/** Brings a whole lab up, step by step; when it throws, what has been started so far is in `started`. */
export async function raise(options: LabOptions, surroundings: Surroundings): Promise<RaisedLab> {
  const lab = new Raising(options, surroundings);
  await lab.layGround();
  const nats = await lab.startPrograms();
  await lab.tellStory(nats);
  return lab.finish();
}

export interface RaisedLab {
  readonly record: LabRecord;
  readonly keys: LabKeys;
}

class Raising {
  readonly #options: LabOptions;
  readonly #around: Surroundings;
  readonly #signal: AbortSignal;
  readonly #step: Step;
  readonly #file: RecordFile;
  readonly #keys = makeKeys();
  readonly #ec2: Ec2Client;
  readonly #supervisor: Supervisor;
  readonly #fleet: Fleet;

  constructor(options: LabOptions, around: Surroundings) {
    this.#options = options;
    this.#around = around;
    this.#signal = around.ending.signal;
    this.#step = stepsBy(around.say);
    around.started.defer(removeFiles);
    mkdirSync(DIRECTORY, { recursive: true });
    mkdirSync(FILES.logs, { recursive: true, mode: 0o700 });
    this.#file = new RecordFile(initialRecord(options, around.ground));
    const { endpoint } = this.#file.record;
    writeFileSync(FILES.pid, `${process.pid}\n`);
    writeKeys(this.#keys, this.#file.record);
    this.#ec2 = new Ec2Client(endpoint, this.#keys.own);
    this.#supervisor = new Supervisor(around.say, {
      changed: (processes) => this.#file.update({ processes }),
      restarted: (name) => void (name === 'control-plane' && this.#fleet.reconcile()),
      failed: (error) => around.ending.abort(error),
    });
    this.#fleet = new Fleet(around.ground, () => this.#describe(), {
      changed: (instances) => this.#file.update({ instances }),
      failed: (error) => {
        if (!this.#signal.aborted) around.say(`! the instances: ${(error as Error).message}`);
      },
    });
  }

  async layGround(): Promise<void> {
    const { ground, started } = this.#around;
    const { hosts, clients } = this.#file.record;
    started.use(ground);
    // Links still being made must not outlive what they are made in.
    started.defer(() => this.#fleet.settled());
    await ground.open('api', this.#options.port);
    await ground.open('nats', this.#options.natsPort);
    if (ground.mode === 'kernel')
      await this.#step(
        `network: fabric, ${hosts.length === 1 ? 'one host' : `${hosts.length} hosts`}, internet`,
        () => ground.lay([...hosts, ...clients]),
      );
  }

  /** All at once: each waits for what it needs. */
  async startPrograms(): Promise<NatsConnection> {
    const { ground, started } = this.#around;
    const { hosts, natsUrl, endpoint } = this.#file.record;
    const relay = ground.relay();
    for (const command of [natsServer(ground), ...(relay ? [ground.place(relay, 'fabric', 'nats')] : [])]) {
      const child = this.#supervisor.start(command);
      started.defer(() => child.stop());
    }
    const plane = this.#supervisor.start(controlPlane(ground, this.#options.port));
    started.defer(() => plane.stop());
    const agents = hosts.map((host) => this.#supervisor.start(hostAgent(ground, host)));
    started.defer(async () => void (await Promise.all(agents.map((agent) => agent.stop()))));
    const nats = await this.#do(`nats-server at ${natsUrl}`, () =>
      until('nats-server', () => openNats(natsUrl), this.#signal),
    );
    started.defer(() => nats.close());
    await this.#do(`control plane at ${endpoint}`, () =>
      this.#until('the control plane', () => isHealthy(endpoint)),
    );
    const where = hosts.length === 1 ? 'agent on host-1' : `agents on host-1 … host-${hosts.length}`;
    await this.#do(where, () => this.#until('the agents', () => areEnrolled(hosts, this.#ec2)));
    return nats;
  }

  async tellStory(nats: NatsConnection): Promise<void> {
    const { hosts } = this.#file.record;
    const names = hosts.map(({ name }) => name);
    const { instances } = this.#options;
    await this.#do(`groups Apache and MySQL, ${instances} instances`, async () => {
      this.#fleet.name(await seed(this.#ec2, names, instances));
      await followFleet(nats, this.#fleet);
      await this.#fleet.reconcile();
    });
    await this.#do('proof: internet → apache-1 → mysql-1, but internet ↛ mysql-1', () =>
      this.#until('packets to go where they should', () => storyHolds(this.#file.record)),
    );
    followReceipts(nats, this.#around.say);
  }

  finish(): RaisedLab {
    this.#supervisor.raised();
    this.#file.update({ ready: true });
    return { record: this.#file.record, keys: this.#keys };
  }

  #do<Result>(title: string, work: () => Promise<Result>): Promise<Result> {
    return this.#step(title, () => orAborted(work(), this.#signal));
  }

  #until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const attempt = async (): Promise<void> => {
      if (!(await holds())) throw new LabError('not yet');
    };
    return until(what, attempt, this.#signal);
  }

  async #describe(): ReturnType<typeof describeInstances> {
    const { endpoint, hosts } = this.#file.record;
    const accounts = [this.#ec2, new Ec2Client(endpoint, this.#keys.other)];
    const described = accounts.map((ec2) =>
      until('DescribeInstances', () => describeInstances(ec2, hosts), this.#signal),
    );
    return (await Promise.all(described)).flat();
  }
}
