/** One line of output: its type, then fields whose positions scripts rely on. */
export type Row = readonly [type: string, ...fields: (string | undefined)[]];

export interface RowStyle {
  /** Print empty fields as `(nil)`, for readers that split on any white space. */
  readonly showEmptyFields: boolean;
}

export function textOf(rows: readonly Row[], { showEmptyFields }: RowStyle): string {
  const empty = showEmptyFields ? '(nil)' : '';
  return rows.map((row) => row.map((field) => (field ? onOneLine(field) : empty)).join('\t') + '\n').join('');
}

/** A tab or line break inside a field would move all that follow it. */
const onOneLine = (field: string): string => field.replaceAll(/[\t\r\n]+/g, ' ');
