import {
  NO_TAGS,
  type Cidr,
  type LogPosition,
  type PrefixListCreated,
  type PrefixListEntry,
  type PrefixListId,
  type PrefixListModified,
  type Tags,
} from '#libs/domain';
import { Collection } from './collection.js';
import { found } from './found.js';
import type { PrefixListView } from './views.js';

/** Versions of a list that can still be looked at (Amazon VPC user guide, "Prefix lists": 1,000). */
const REMEMBERED_VERSIONS = 1000;

type Entries = ReadonlyMap<Cidr, PrefixListEntry>;
/** What makes a version into the one before it. */
interface Undo {
  readonly put: readonly PrefixListEntry[];
  readonly drop: readonly Cidr[];
}

class ListEntry implements PrefixListView {
  readonly prefixListId;
  readonly accountId;
  readonly position;
  readonly family;
  name;
  maxEntries;
  version = 1;
  isModified = false;
  tags: Tags = NO_TAGS;
  readonly entries: Map<Cidr, PrefixListEntry>;
  /** The newest last. */
  readonly #undo: Undo[] = [];

  constructor(created: PrefixListCreated, position: LogPosition) {
    this.prefixListId = created.prefixListId;
    this.accountId = created.accountId;
    this.position = position;
    this.family = created.family;
    this.name = created.name;
    this.maxEntries = created.maxEntries;
    this.entries = new Map(created.entries.map((entry) => [entry.cidr, entry]));
  }

  modify({ name, maxEntries, version, added, removed }: PrefixListModified): void {
    this.name = name ?? this.name;
    this.maxEntries = maxEntries ?? this.maxEntries;
    this.isModified = true;
    if (version === this.version) return;
    const replaced = added.flatMap(({ cidr }) => this.entries.get(cidr) ?? []);
    const drop = added.map(({ cidr }) => cidr).filter((cidr) => !this.entries.has(cidr));
    this.#undo.push({ put: [...removed, ...replaced], drop });
    if (this.#undo.length >= REMEMBERED_VERSIONS) this.#undo.shift();
    for (const { cidr } of removed) this.entries.delete(cidr);
    for (const entry of added) this.entries.set(entry.cidr, entry);
    this.version = version;
  }

  entriesAt(version: number): Entries | undefined {
    const steps = this.version - version;
    if (steps < 0 || steps > this.#undo.length) return undefined;
    const entries = new Map(this.entries);
    for (const { put, drop } of this.#undo.slice(this.#undo.length - steps).reverse()) {
      for (const cidr of drop) entries.delete(cidr);
      for (const entry of put) entries.set(entry.cidr, entry);
    }
    return entries;
  }
}

export class PrefixLists {
  readonly collection = new Collection<PrefixListId, ListEntry>();

  create(event: PrefixListCreated, position: LogPosition): void {
    this.collection.add(event.prefixListId, new ListEntry(event, position));
  }

  modify(event: PrefixListModified): void {
    const list = found(this.collection.get(event.prefixListId));
    list.modify(event);
    this.collection.changed(list);
  }

  tag(prefixListId: PrefixListId, tags: Tags): void {
    const list = found(this.collection.get(prefixListId));
    list.tags = tags;
    this.collection.changed(list);
  }
}
