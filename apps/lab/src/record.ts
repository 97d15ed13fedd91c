import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { AnyMachine, ClientMachine, HostMachine, InstanceMachine } from './machines.js';
import { FILES } from './paths.js';
import { isAlive, type ProcessMark } from './process-mark.js';

export interface ProcessRecord extends ProcessMark {
  readonly name: string;
}

/** What a lab says of itself, in lab.json: for `status`, `exec`, `try` and whoever cleans up after it. */
export interface LabRecord {
  readonly mode: 'kernel' | 'fake';
  readonly endpoint: string;
  readonly natsUrl: string;
  /** The shell file to source. */
  readonly environment: string;
  readonly directory: string;
  readonly lab: ProcessMark;
  readonly ready: boolean;
  readonly hosts: readonly HostMachine[];
  readonly instances: readonly InstanceMachine[];
  readonly clients: readonly ClientMachine[];
  readonly processes: readonly ProcessRecord[];
}

/** Keeps lab.json as the lab is. */
export class RecordFile {
  #record: LabRecord;

  constructor(record: LabRecord) {
    this.#record = record;
    this.#write();
  }

  get record(): LabRecord {
    return this.#record;
  }

  update(changed: Partial<LabRecord>): void {
    this.#record = { ...this.#record, ...changed };
    this.#write();
  }

  #write(): void {
    // Renamed into place, so that a reader never sees half of it.
    const written = `${FILES.record}.new`;
    writeFileSync(written, `${JSON.stringify(this.#record, undefined, 2)}\n`);
    renameSync(written, FILES.record);
  }
}

/** What the last lab here wrote, whether it still lives or not. */
export function readRecord(): LabRecord | undefined {
  try {
    return JSON.parse(readFileSync(FILES.record, 'utf8')) as LabRecord;
  } catch {
    return undefined;
  }
}

export function liveRecord(): LabRecord | undefined {
  const record = readRecord();
  return record && isAlive(record.lab) ? record : undefined;
}

export const machinesOf = (record: LabRecord): readonly AnyMachine[] => [
  ...record.hosts,
  ...record.instances,
  ...record.clients,
];

/** By name or id. */
export const machineOf = (record: LabRecord, called: string): AnyMachine | undefined =>
  machinesOf(record).find(({ name, id }) => name === called || id === called);
