import { LOOPBACK } from './ground/doorways.js';
import type { Ground } from './ground/ground.js';
import { hostMachine, internetMachine } from './machines.js';
import { DIRECTORY, FILES } from './paths.js';
import { markOf } from './process-mark.js';
import type { LabRecord } from './record.js';

/** What a lab can be asked to be. */
export interface LabOptions {
  readonly hosts: number;
  readonly instances: number;
  readonly port: number;
  readonly natsPort: number;
}

/** The lab as it is going to be, before anything has been started. */
export function initialRecord({ hosts, port, natsPort }: LabOptions, ground: Ground): LabRecord {
  const namespaceFor = (name: string): string | null => ground.namespaceFor(name);
  return {
    mode: ground.mode,
    endpoint: `http://${LOOPBACK}:${port}`,
    natsUrl: `nats://${LOOPBACK}:${natsPort}`,
    environment: FILES.environment,
    directory: DIRECTORY,
    lab: markOf(process.pid),
    ready: false,
    hosts: Array.from({ length: hosts }, (_, index) => hostMachine(index + 1, namespaceFor)),
    instances: [],
    clients: [internetMachine(namespaceFor)],
    processes: [],
  };
}
