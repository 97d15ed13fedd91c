import { mkdirSync } from 'node:fs';
import type { Ground } from '../ground/ground.js';
import type { HostMachine } from '../machines.js';
import { agentStateOf, FILES, programOf } from '../paths.js';
import type { Command } from './command.js';

/** The programs of the lab: the very ones of production, configured as there. */

export function natsServer(ground: Ground): Command {
  const { hostname, port } = new URL(ground.natsListen);
  const command: Command = { name: 'nats-server', argv: ['nats-server', '--addr', hostname, '--port', port] };
  return ground.place(command, 'fabric');
}

export function controlPlane(ground: Ground, port: number): Command {
  const env = {
    RAMPART_LISTEN: `127.0.0.1:${port}`,
    RAMPART_NATS_URL: ground.natsUrl('fabric'),
    RAMPART_LOG: `sqlite:${FILES.events}`,
    RAMPART_HISTORY: FILES.history,
    RAMPART_ACCESS_KEYS: FILES.keys,
    RAMPART_SIGNING_KEY: FILES.signingKey,
    RAMPART_HEADS_FILE: FILES.heads,
    RAMPART_REFUSALS_FILE: FILES.refusals,
  };
  const command: Command = {
    name: 'control-plane',
    argv: [process.execPath, programOf('control-plane')],
    env,
  };
  return ground.place(command, 'fabric', 'api');
}

export function hostAgent(ground: Ground, { name, id, ranges }: HostMachine): Command {
  mkdirSync(FILES.agents, { recursive: true, mode: 0o700 });
  const env = {
    RAMPART_HOST_ID: id,
    RAMPART_HOST_RANGES: ranges.join(','),
    RAMPART_NATS_URL: ground.natsUrl(name),
    RAMPART_STATE: agentStateOf(name),
    RAMPART_DATAPLANE: ground.mode,
  };
  return ground.place({ name, argv: [process.execPath, programOf('host-agent')], env }, name);
}
