import {
  Inject,
  Logger,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { openNatsBus, type Bus } from '#libs/bus';
import { FakeDataplane } from '#libs/nftables';
import { answerEvaluations } from './evaluations.js';
import { HostAgent } from './host-agent.js';
import { LocalCommands } from './local/local-commands.js';
import { LocalSocket } from './local/local-socket.js';
import type { Restored } from './restored.js';
import type { Settings } from './settings.js';
import { answerVerifications } from './verifications.js';

const SETTINGS = Symbol('Settings');
const RESTORED = Symbol('Restored');

/** Connects a restored host to its cell, and ends it in the opposite order. */
@Module({})
export class HostAgentModule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #settings: Settings;
  readonly #log = new Logger('host-agent');
  readonly #dataplane: Restored['dataplane'];
  readonly #host: Restored['host'];
  #agent: HostAgent | undefined;
  #bus: Bus | undefined;
  #socket: LocalSocket | undefined;

  constructor(@Inject(SETTINGS) settings: Settings, @Inject(RESTORED) { dataplane, host }: Restored) {
    this.#settings = settings;
    this.#dataplane = dataplane;
    this.#host = host;
  }

  static with(settings: Settings, restored: Restored): DynamicModule {
    const providers = [
      { provide: SETTINGS, useValue: settings },
      { provide: RESTORED, useValue: restored },
    ];
    return { module: HostAgentModule, providers };
  }

  async onApplicationBootstrap(): Promise<void> {
    const { hostId, ranges, addresses, nats } = this.#settings;
    if (this.#settings.dataplane === 'fake')
      this.#log.warn('RAMPART_DATAPLANE=fake: no packet is ever dropped');
    const warn = (message: string): void => this.#log.warn(message);
    const bus = await openNatsBus(nats, `rampart ${hostId}`, warn);
    this.#bus = bus;
    this.#agent = new HostAgent(this.#host, { hostId, ranges, addresses, bus, warn });
    if (this.#dataplane instanceof FakeDataplane)
      answerEvaluations(bus, hostId, this.#dataplane, this.#host.policy);
    answerVerifications(bus, hostId, this.#host);
    if (this.#settings.socket !== undefined) {
      const commands = new LocalCommands(this.#agent, bus, hostId, this.#settings.host);
      this.#socket = new LocalSocket(this.#settings.socket, commands, warn);
    }
    await this.#agent.start();
    this.#log.log(`${hostId} enforces what the log says`);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#socket?.[Symbol.dispose]();
    this.#agent?.stop();
    await this.#bus?.close();
    this.#dataplane[Symbol.dispose]();
  }
}
