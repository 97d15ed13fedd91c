import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { endAll, markOf } from '../process-mark.js';
import { ip } from './ip.js';
import { NAMESPACES } from './namespace.js';

/** Only what a lab makes: tests and other software have namespaces of their own beside it. */
const OURS = /^rampart-(?:fabric|internet|host-[0-9]+|apache-[0-9]+|mysql-[0-9]+|i-[0-9a-f]+)$/;

/** The namespaces of a lab that are there now. */
export function ourNamespaces(): readonly string[] {
  try {
    return readdirSync(NAMESPACES).filter((name) => OURS.test(name));
  } catch {
    return []; // there never was a namespace on this machine
  }
}

/** Ends whatever runs in the namespaces, then removes them; their links, routes and rules go with them. */
export async function removeNamespaces(namespaces: readonly string[]): Promise<void> {
  if (namespaces.length === 0) return;
  await endAll(processesIn(namespaces).map(markOf));
  await ip(namespaces.map((name) => `netns delete ${name}`));
}

/** Being inside is proof enough: nothing but a lab and its users ever runs there. */
function processesIn(namespaces: readonly string[]): readonly number[] {
  const inodes = new Set(namespaces.map((name) => statSync(`${NAMESPACES}/${name}`).ino));
  return readdirSync('/proc')
    .filter((entry) => /^[0-9]+$/.test(entry))
    .filter((pid) => inodes.has(namespaceInode(pid) ?? -1))
    .map(Number);
}

function namespaceInode(pid: string): number | undefined {
  try {
    return Number(/[0-9]+/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[0]);
  } catch {
    return undefined; // it has just ended
  }
}
