import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The checkout: the folder of the package.json above this file, whether it runs from the source or from dist. */
export const ROOT = rootAbove(import.meta.dirname);

/** Everything that a lab writes; gone when the lab is. */
export const DIRECTORY = process.env.RAMPART_DIRECTORY ?? join(ROOT, '.rampart');

const inDirectory = (name: string): string => join(DIRECTORY, name);

export const FILES = {
  record: inDirectory('lab.json'),
  environment: inDirectory('lab.env'),
  pid: inDirectory('lab.pid'),
  keys: inDirectory('access-keys.json'),
  events: inDirectory('log.db'),
  history: inDirectory('log.db.history'),
  signingKey: inDirectory('signing-key.pem'),
  publicKey: inDirectory('signing-key.pem.pub'),
  heads: inDirectory('heads.jsonl'),
  refusals: inDirectory('refusals.jsonl'),
  agents: inDirectory('agents'),
  logs: inDirectory('logs'),
} as const;

export const logOf = (process: string): string => join(FILES.logs, `${process}.log`);
export const agentStateOf = (host: string): string => join(FILES.agents, `${host}.json`);

/** The built program of an app, started as in production. */
export const programOf = (app: 'control-plane' | 'host-agent'): string =>
  join(ROOT, 'dist', 'apps', app, 'src', 'main.js');

function rootAbove(folder: string): string {
  const parent = dirname(folder);
  return existsSync(join(folder, 'package.json')) || parent === folder ? folder : rootAbove(parent);
}
