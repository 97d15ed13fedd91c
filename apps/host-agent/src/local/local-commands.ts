import { isManaged } from '../host-settings.js';
import type { HostSettings, PolicyInstance } from '#libs/compiler';
import type { Bus } from '#libs/bus';
import type { HostId, InstanceId } from '#libs/domain';
import { announceSubject, type AnnounceReply, type AnnounceRequest } from '#libs/protocol';
import type { HostAgent } from '../host-agent.js';

/** What `rampart-agent` asks, one JSON text a line. */
export type LocalRequest =
  | (AnnounceRequest & { readonly type: 'attach' | 'reattach' })
  | { readonly type: 'detach'; readonly instance?: InstanceId; readonly interfaceName?: string }
  | { readonly type: 'list' }
  | { readonly type: 'status' };

export interface LocalReply {
  readonly ok: boolean;
  /** For people, when it is not. */
  readonly message?: string;
  readonly instances?: readonly PolicyInstance[];
  readonly status?: { readonly hostId: HostId; readonly complete: boolean; readonly degraded: boolean };
}

const ANSWER_MS = 5_000;
const ENFORCED_MS = 10_000;

/** Does what this machine's own scripts ask of the agent. */
export class LocalCommands {
  readonly #agent: HostAgent;
  readonly #bus: Bus;
  readonly #hostId: HostId;
  readonly #settings: HostSettings;

  constructor(agent: HostAgent, bus: Bus, hostId: HostId, settings: HostSettings) {
    this.#agent = agent;
    this.#bus = bus;
    this.#hostId = hostId;
    this.#settings = settings;
  }

  async do(request: LocalRequest): Promise<LocalReply> {
    switch (request.type) {
      case 'attach':
      case 'reattach':
        return this.#attach(request);
      case 'detach':
        return this.#detach(request);
      case 'list':
        return { ok: true, instances: this.#agent.instances };
      case 'status': {
        const { isComplete: complete, isDegraded: degraded } = this.#agent;
        return { ok: true, status: { hostId: this.#hostId, complete, degraded } };
      }
      default:
        request satisfies never;
        return no('the request is not understood');
    }
  }

  async #attach(request: LocalRequest & { readonly type: 'attach' | 'reattach' }): Promise<LocalReply> {
    const { interfaceName } = request;
    if (!isManaged(interfaceName, this.#settings))
      return no(
        `the agent does not manage ${interfaceName}: add it to RAMPART_INTERFACES (now ${this.#settings.interfaces.join()}) and restart the agent`,
      );
    const reply = await this.#announce(request);
    if (!reply.accepted) return no(reply.message);
    const isThere = (): boolean => this.#find(reply.instanceId)?.interfaceName === interfaceName;
    if (await this.#agent.enforces(isThere, ENFORCED_MS))
      return { ok: true, instances: [this.#find(reply.instanceId) ?? { ...reply, groups: [] }] };
    return no(`${reply.instanceId} is attached, but not enforced here after ${ENFORCED_MS / 1000} s`);
  }

  async #detach({
    instance,
    interfaceName,
  }: LocalRequest & { readonly type: 'detach' }): Promise<LocalReply> {
    const found = this.#agent.instances.find(
      (one) => one.instanceId === instance || one.interfaceName === interfaceName,
    );
    if (!found) return no(`no instance here is ${instance ?? `on ${interfaceName}`}`);
    const reply = await this.#announce({ type: 'detach', instanceId: found.instanceId });
    if (!reply.accepted) return no(reply.message);
    const isGone = (): boolean => this.#find(found.instanceId) === undefined;
    if (await this.#agent.enforces(isGone, ENFORCED_MS)) return { ok: true, instances: [found] };
    return no(`${found.instanceId} is terminated, but still enforced here`);
  }

  #announce(request: AnnounceRequest): Promise<AnnounceReply> {
    const subject = announceSubject(this.#hostId);
    return this.#bus.ask(
      subject,
      JSON.stringify(request),
      ANSWER_MS,
      ({ text }) => JSON.parse(text) as AnnounceReply,
    );
  }

  readonly #find = (id: InstanceId): PolicyInstance | undefined =>
    this.#agent.instances.find(({ instanceId }) => instanceId === id);
}

const no = (message: string): LocalReply => ({ ok: false, message });
