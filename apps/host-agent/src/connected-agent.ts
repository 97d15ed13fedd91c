import { openNatsBus } from '#libs/bus';
import { FakeDataplane } from '#libs/nftables';
import { answerEvaluations } from './evaluations.js';
import { HostAgent } from './host-agent.js';
import { LocalCommands } from './local/local-commands.js';
import { LocalSocket } from './local/local-socket.js';
import type { Log } from './log.js';
import type { Restored } from './restored.js';
import type { Settings } from './settings.js';
import { answerVerifications } from './verifications.js';

export interface ConnectedAgent extends AsyncDisposable {
  /** Resolves once the host enforces what the log says. */
  start(): Promise<void>;
}

/** Connects a restored host to its cell; disposing of it ends that in the opposite order, and leaves the rules. */
export async function connectAgent(
  settings: Settings,
  { dataplane, host }: Restored,
  { warn }: Log,
): Promise<ConnectedAgent> {
  const { hostId, ranges, addresses, nats, socket } = settings;
  const open = new AsyncDisposableStack();
  open.use(dataplane);
  const bus = open.adopt(await openNatsBus(nats, `rampart ${hostId}`, warn), (connection) =>
    connection.close(),
  );
  const agent = open.adopt(new HostAgent(host, { hostId, ranges, addresses, bus, warn }), (running) =>
    running.stop(),
  );
  if (dataplane instanceof FakeDataplane) answerEvaluations(bus, hostId, dataplane, host.policy);
  answerVerifications(bus, hostId, host);
  if (socket !== undefined)
    open.use(new LocalSocket(socket, new LocalCommands(agent, bus, hostId, settings.host), warn));
  return { start: () => agent.start(), [Symbol.asyncDispose]: () => open.disposeAsync() };
}
