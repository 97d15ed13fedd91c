import { connectionFrom } from '../connection/connection.js';
import { askRampart } from '../connection/native.js';
import type { RampartCommand } from './command.js';
import { fetchHosts } from './hosts.js';

interface Verification {
  readonly hostId: string;
  readonly outcome: 'same' | 'different' | 'behind';
  readonly objects: number;
  readonly size: number;
  readonly differences: readonly {
    readonly object: string;
    readonly held: number;
    readonly expected: number;
  }[];
}

/** Exit status 1 unless each host's kernel is as the log says; each difference is a row. */
export const verify: RampartCommand = {
  summary: "Compares what hosts' kernels hold with what the log says, from its first event on.",
  operands: '[host...]',
  completes: 'host',
  flags: [],
  examples: [
    ['', 'every host'],
    ['host-1', 'one'],
  ],
  run: async (given, terminal) => {
    const connection = connectionFrom(given, terminal);
    const named = given.operands;
    const hosts = named.length > 0 ? named : (await fetchHosts(connection)).map(({ hostId }) => hostId);
    let isEachSame = true;
    for (const host of hosts) {
      const path = `/v1/hosts/${encodeURIComponent(host)}/verification`;
      const { outcome, objects, size, differences } = await askRampart<Verification>(connection, path);
      terminal.out(`HOST\t${host}\t${outcome}\t${objects} objects\t${size} elements and rules\n`);
      for (const { object, held, expected } of differences)
        terminal.out(`DIFFERENCE\t${host}\t${object}\t${held} held\t${expected} expected\n`);
      isEachSame &&= outcome === 'same';
    }
    return isEachSame ? 0 : 1;
  },
};
