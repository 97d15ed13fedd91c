/** How a thing is shown: a title for each column, and what stands there. */
export type Columns<Item> = readonly (readonly [title: string, cell: (item: Item) => string])[];

/** Aligned columns for people, without a first line where no column has a title; programs take --json. */
export function tableOf<Item>(columns: Columns<Item>, items: readonly Item[]): string {
  const titles = columns.map(([title]) => title);
  const rows = [
    ...(titles.some(Boolean) ? [titles] : []),
    ...items.map((item) => columns.map(([, cell]) => cell(item).replaceAll(/\s+/g, ' '))),
  ];
  const widths = columns.map((_column, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        row
          .map((cell, index) => cell.padEnd(widths[index] ?? 0))
          .join('  ')
          .trimEnd() + '\n',
    )
    .join('');
}
