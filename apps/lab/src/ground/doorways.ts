import type { IpAddress } from '#libs/domain';
import { LabError } from '../errors.js';
import type { Doorway } from './ground.js';

export const LOOPBACK = '127.0.0.1' as IpAddress;

const OPTION: Readonly<Record<Doorway, string>> = { api: '--port', nats: '--nats-port' };

export const portTaken = (doorway: Doorway, port: number): LabError =>
  new LabError(
    `another lab or server is on ${LOOPBACK}:${port}: end it (rampart lab down), ` +
      `or choose another port with ${OPTION[doorway]}`,
  );
