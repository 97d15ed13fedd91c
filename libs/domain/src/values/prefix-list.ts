import type { Cidr } from './cidr.js';

export interface PrefixListEntry {
  readonly cidr: Cidr;
  readonly description?: string;
}
