import type { AnyMachine } from './machines.js';
import type { LabRecord } from './record.js';

const TITLES = ['name', 'id', 'addresses', 'host', 'namespace'] as const;

/** Who is where: each host with its instances below it, then the clients. */
export function tableOf({ hosts, instances, clients }: LabRecord): string {
  const rows = [
    ...hosts.flatMap((host) => [
      rowOf(host, ''),
      ...instances.filter((instance) => instance.host === host.id).map((one) => rowOf(one, '  ')),
    ]),
    ...clients.map((client) => rowOf(client, '')),
  ];
  const widths = TITLES.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [TITLES, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const rowOf = (machine: AnyMachine, indent: string): readonly string[] => [
  `${indent}${machine.name}`,
  machine.id,
  machine.addresses.join(' '),
  machine.kind === 'instance' ? machine.host : '-',
  machine.namespace ?? '-',
];
