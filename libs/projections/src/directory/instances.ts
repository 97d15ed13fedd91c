import {
  NO_TAGS,
  REMEMBERED_TERMINATED,
  type Instance,
  type InstanceAttached,
  type InstanceId,
  type Instant,
  type Tags,
} from '#libs/domain';
import { Collection } from './collection.js';
import type { InstanceView } from './views.js';

type InstanceEntry = { -readonly [Key in keyof InstanceView]: InstanceView[Key] };

/** Running instances, and for a while those that were terminated. */
export class Instances {
  readonly collection = new Collection<InstanceId, InstanceEntry>();
  readonly #terminated = new Set<InstanceId>();

  launch(launched: Omit<InstanceView, 'accountId' | 'tags'>): void {
    const { instanceId, accountId } = launched.instance;
    this.collection.add(instanceId, { ...launched, accountId, tags: NO_TAGS });
  }

  attach({ instanceId, interfaceName }: InstanceAttached): void {
    this.#change(instanceId, (entry) => (entry.instance = { ...entry.instance, interfaceName }));
  }

  terminate({ instanceId }: Instance, terminatedAt: Instant): void {
    this.#change(instanceId, (entry) => (entry.terminatedAt = terminatedAt));
    this.#terminated.add(instanceId);
    const [oldest] = this.#terminated;
    if (this.#terminated.size <= REMEMBERED_TERMINATED || !oldest) return;
    this.#terminated.delete(oldest);
    this.collection.remove(oldest);
  }

  /** An instance that is shown no more has none. */
  tag(instanceId: InstanceId, tags: Tags): void {
    this.#change(instanceId, (entry) => (entry.tags = tags));
  }

  #change(instanceId: InstanceId, change: (entry: InstanceEntry) => void): void {
    const entry = this.collection.get(instanceId);
    if (!entry) return;
    change(entry);
    this.collection.changed(entry);
  }
}
