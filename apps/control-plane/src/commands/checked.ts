import type { z } from 'zod';

/** What was asked as its shape has it, or what is wrong with it, field by field: its value and the fix. */
export type Checked<T> =
  | { readonly value: T; readonly complaint?: undefined }
  | { readonly value?: undefined; readonly complaint: string };

export interface CheckOptions {
  /** What the asked itself is called. */
  readonly whole: string;
  /** Fields of it that are understood too, elsewhere. */
  readonly also?: readonly string[];
}

/** Of a value, so many characters are told. */
const LONGEST = 100;

/** Checks untrusted input against its shape; what is wrong is told of all fields at once. */
export function checked<Shape extends z.ZodType>(
  shape: Shape,
  asked: unknown,
  options: CheckOptions,
): Checked<z.output<Shape>> {
  const { data, error } = shape.safeParse(asked, { error: fixOf });
  if (!error) return { value: data };
  return { complaint: error.issues.map((issue) => complaintOf(issue, asked, options)).join('; ') };
}

/** `port '70000': use 0 to 65535`, and the fix that is understood there for each field that is not. */
function complaintOf(issue: z.core.$ZodIssue, asked: unknown, { whole, also = [] }: CheckOptions): string {
  const { path, message } = issue;
  if (issue.code === 'unrecognized_keys') {
    const fields = issue.keys.map((key) => [...path, key].join('.'));
    return unknownFields(fields, path.length === 0 ? [message, ...also] : [message]);
  }
  const value = path.reduce<unknown>(
    (within, key) => (Object(within) as Readonly<Record<PropertyKey, unknown>>)[key],
    asked,
  );
  const field = path.join('.') || whole;
  if (value === undefined) return `${field} is missing: ${message}`;
  return `${field} ${toldOf(value)}: ${message}`;
}

/** Says of fields that nobody understands what is understood in their place. */
export function unknownFields(fields: readonly string[], understood: readonly string[]): string {
  const fix = understood.length > 0 ? `use ${understood.join(', ')}` : 'leave it out';
  return fields.map((field) => `${cut(field)} is not understood: ${fix}`).join('; ');
}

function toldOf(value: unknown): string {
  if (Array.isArray(value)) return `with ${value.length} entries`;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST ? `'${cut(text)}' of ${text.length} characters` : `'${text}'`;
}

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

/** The fix, where a shape gives none itself. */
function fixOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'unrecognized_keys':
      return Object.keys((issue.inst as z.ZodObject | undefined)?.shape ?? {}).join(', ');
    case 'invalid_union':
      return Array.isArray(issue['options']) ? `use ${issue['options'].map(String).join(', ')}` : undefined;
    case 'invalid_value':
      return `use ${issue.values.map(String).join(', ')}`;
    case 'invalid_type':
      return `use ${TYPES[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return `use at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `use at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'not_multiple_of':
    default:
      return undefined; // as zod has it
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a JSON object',
};

const unitOf = (origin: string): string =>
  origin === 'array' ? ' entries' : origin === 'string' ? ' characters' : '';
