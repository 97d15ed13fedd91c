import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { MemoryBroker, type MemoryBus } from '#libs/bus';
import { compile, difference } from '#libs/compiler';
import type { Command, HostId, RecordedEvent } from '#libs/domain';
import type { HostReport } from '#libs/protocol';
import { Distributor } from '../../../apps/control-plane/src/distribution/distributor.js';
import { Reminders } from '../../../apps/control-plane/src/distribution/reminders.js';
import type { CommitListener } from '../../../apps/control-plane/src/log/commit-listener.js';
import { CommandLog } from '../../../apps/control-plane/src/log/command-log.js';
import { ReceiptBoard } from '../../../apps/control-plane/src/receipts/receipt-board.js';
import { hostPolicyOf, recompute } from '../../support/oracle.js';
import { Chance } from './chance.js';
import { SimulatedDisk } from './simulated-disk.js';
import { SimulatedHost } from './simulated-host.js';
import { pass } from './simulated-time.js';

const HOSTS = 3;
const CONTROL_PLANES = 2;
const OBSERVER = 'observer';
const request = { actor: { kind: 'system' }, requestId: 'simulation' } as const;

interface ControlPlane {
  commands?: CommandLog;
  readonly board: ReceiptBoard;
  readonly bus: MemoryBus;
  readonly end: () => void;
}

/** What a host has said that its kernel holds: of each group's rules, and of everything. */
interface Said {
  upTo: number;
  readonly rules: Map<string, number>;
}

/** A cell in one process, of two control planes, with a network that loses, repeats, delays and reorders. */
export class World implements Disposable {
  readonly chance: Chance;
  readonly disk: SimulatedDisk;
  readonly hosts: readonly SimulatedHost[];
  /** Those that run, side by side on one log. */
  controlPlanes: readonly ControlPlane[] = [];
  /** What was answered: of each, the events and where they stand. */
  acknowledged: (readonly RecordedEvent[])[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'rampart-world-'));
  readonly #broker = new MemoryBroker((subject, to) => this.#fate(subject, to));
  readonly #said = new Map<HostId, Said>();
  #isFaulty = true;

  constructor(seed: number) {
    this.chance = new Chance(seed);
    this.disk = new SimulatedDisk(this.chance);
    this.hosts = Array.from(
      { length: HOSTS },
      (_, n) => new SimulatedHost(this.#broker, n + 1, this.#folder),
    );
    this.#broker
      .connect(OBSERVER)
      .subscribe('rampart.report.*', ({ text }) => this.#hear(JSON.parse(text) as HostReport));
  }

  /** One more, unless all run; it takes commands when it has read the log. */
  startControlPlane(): void {
    if (this.controlPlanes.length === CONTROL_PLANES) return;
    const { store, end } = this.disk.open();
    const board = new ReceiptBoard();
    const distributor = new Distributor(board);
    const reminders = new Reminders(board, (hostId) => distributor.remind(hostId));
    const bus = this.#broker.connect('control plane');
    const controlPlane: ControlPlane = {
      board,
      bus,
      end: () => {
        end();
        reminders.stop();
        bus.disconnect();
        void bus.close();
      },
    };
    this.controlPlanes = [...this.controlPlanes, controlPlane];
    const project: CommitListener = (commit, arrival) => distributor.project(commit, arrival);
    void CommandLog.open(store, [project]).then((commands) => {
      controlPlane.commands = commands;
      distributor.serve(bus, commands);
      reminders.start();
      return commands.follow(new AbortController().signal);
    });
  }

  killControlPlane(one = this.chance.pick(this.controlPlanes)): void {
    one?.end();
    this.controlPlanes = this.controlPlanes.filter((other) => other !== one);
  }

  /** A backup of the log takes its place: what came after it is gone, and other events will stand there. */
  async restoreBackup(): Promise<void> {
    this.controlPlanes.forEach((one) => this.killControlPlane(one));
    await this.pass(2000); // longer than anything is under way, so that nobody speaks of the old one any more
    const { length } = this.disk.texts;
    const end = length - this.chance.below(Math.min(20, Math.floor(length / 2)));
    this.disk.restore(end);
    this.acknowledged = this.acknowledged.filter((events) => events.every(({ position }) => position <= end));
    this.#said.clear();
  }

  /** Nobody waits for the answer; when one comes, it is remembered. */
  command(command: object): void {
    const told = this.chance.pick(this.controlPlanes)?.commands?.handle(command as Command, request);
    told?.then(
      (outcome) => outcome.accepted && this.acknowledged.push(outcome.events),
      () => undefined,
    );
  }

  pass(milliseconds: number): Promise<void> {
    return pass(milliseconds, () => this.#expectNothingRevoked());
  }

  /** What its kernel is said to hold is not true of a machine whose disk came back older. */
  forgive(host: SimulatedHost): void {
    this.#said.delete(host.hostId);
  }

  /** All faults end. */
  heal(): void {
    this.#isFaulty = this.disk.isFaulty = false;
    for (let n = 0; n < CONTROL_PLANES; n++) this.startControlPlane();
    for (const { bus } of this.controlPlanes) if (!bus.isConnected) bus.reconnect();
    for (const host of this.hosts) {
      host.start();
      host.connect(true);
    }
  }

  /** Of the hosts whose kernels are not what the log says, what it would take; and changes that wait for somebody. */
  async shortcomings(): Promise<readonly string[]> {
    const cell = await recompute(this.disk.open().store);
    const wrong = this.hosts.flatMap(({ hostId, plane }) => {
      const needed = difference(plane.read(), compile(hostPolicyOf(cell, hostId)));
      return needed.length > 0 ? [`${hostId} needs ${JSON.stringify(needed)}`] : [];
    });
    const open = this.controlPlanes
      .flatMap(({ board }) => board.recent(10_000))
      .filter((one) => one.enforced + one.retired < one.concerned);
    return [...wrong, ...open.map((one) => `receipt ${JSON.stringify(one)}`)];
  }

  /** What was acknowledged and is not in the log where it should be. */
  get lost(): readonly RecordedEvent[] {
    const { events } = this.disk;
    return this.acknowledged.flat().filter(({ position, id }) => events[position - 1]?.id !== id);
  }

  [Symbol.dispose](): void {
    this.controlPlanes.forEach((one) => this.killControlPlane(one));
    for (const host of this.hosts) host.kill();
    vi.clearAllTimers();
    rmSync(this.#folder, { recursive: true });
  }

  #fate(subject: string, to: string): readonly number[] {
    if (to === OBSERVER) return [0];
    if (!this.#isFaulty) return [1];
    const soon = (): number => 1 + this.chance.below(3);
    const late = (): number => this.chance.below(1500);
    return (
      this.chance.among([
        [80, [soon()]],
        [8, []],
        [5, [soon(), late()]],
        // Answers are overtaken by what is newer.
        [subject.startsWith('_INBOX') ? 60 : 7, [late()]],
      ]) ?? []
    );
  }

  #hear({ hostId, enforced, upTo = 0 }: HostReport): void {
    const said = this.#said.getOrInsertComputed(hostId, () => ({
      upTo: 0,
      rules: new Map<string, number>(),
    }));
    said.upTo = Math.max(said.upTo, upTo);
    for (const one of enforced) if (one.chain === 'rules') said.rules.set(one.id, one.position);
    const host = this.hosts.find((one) => one.hostId === hostId);
    if (host) host.plane.isChanged = true;
  }

  /** Whoever said that a rule is gone does not let through what only that rule did. */
  #expectNothingRevoked(): void {
    for (const { hostId, plane, openPorts } of this.hosts.filter((host) => host.plane.isChanged)) {
      plane.isChanged = false;
      const said = this.#said.get(hostId);
      for (const { position, event } of said ? this.disk.events : []) {
        if (event.type !== 'RuleRevoked' || event.rule.traffic.kind !== 'ports') continue;
        const { groupId, traffic } = event.rule;
        const isSaid = Math.max(said?.upTo ?? 0, said?.rules.get(groupId) ?? 0) >= position;
        if (isSaid && openPorts.has(traffic.from))
          throw new Error(`${hostId} lets port ${traffic.from} through, revoked at ${position}`);
      }
    }
  }
}
