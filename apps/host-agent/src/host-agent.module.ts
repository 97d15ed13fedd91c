import {
  Inject,
  Logger,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { openNatsBus, type Bus } from '#libs/bus';
import { FakeDataplane, NetlinkDataplane, type Dataplane } from '#libs/nftables';
import { answerEvaluations } from './evaluations.js';
import { EnforcedPolicy } from './enforcement/enforced-policy.js';
import { HostAgent } from './host-agent.js';
import type { Settings } from './settings.js';
import { StateFile } from './state/state-file.js';
import { answerVerifications } from './verifications.js';

const SETTINGS = Symbol('Settings');

/** The kernel first, then the network: what was enforced last is in force before anyone is asked. */
@Module({})
export class HostAgentModule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #settings: Settings;
  readonly #log = new Logger('host-agent');
  readonly #dataplane: Dataplane;
  readonly #host: EnforcedPolicy;
  #agent: HostAgent | undefined;
  #bus: Bus | undefined;

  constructor(@Inject(SETTINGS) settings: Settings) {
    this.#settings = settings;
    this.#dataplane =
      settings.dataplane === 'fake'
        ? new FakeDataplane()
        : new NetlinkDataplane(settings.netns === undefined ? {} : { netns: settings.netns });
    const warn = (message: string): void => this.#log.warn(message);
    this.#host = EnforcedPolicy.restore(this.#dataplane, new StateFile(settings.stateFile), warn);
  }

  static with(settings: Settings): DynamicModule {
    return { module: HostAgentModule, providers: [{ provide: SETTINGS, useValue: settings }] };
  }

  async onApplicationBootstrap(): Promise<void> {
    const { hostId, ranges, nats } = this.#settings;
    if (this.#settings.dataplane === 'fake')
      this.#log.warn('RAMPART_DATAPLANE=fake: no packet is ever dropped');
    const warn = (message: string): void => this.#log.warn(message);
    const bus = await openNatsBus(nats, `rampart ${hostId}`, warn);
    this.#bus = bus;
    this.#agent = new HostAgent(this.#host, {
      hostId,
      ranges,
      bus,
      warn,
    });
    if (this.#dataplane instanceof FakeDataplane)
      answerEvaluations(bus, hostId, this.#dataplane, this.#host.policy);
    answerVerifications(bus, hostId, this.#host);
    await this.#agent.start();
    this.#log.log(`${hostId} enforces what the log says`);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#agent?.stop();
    await this.#bus?.close();
    this.#dataplane[Symbol.dispose]();
  }
}
