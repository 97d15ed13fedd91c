import { binaryEvent, jsonEvent, type EventData } from '@kurrent/kurrentdb-client';

/**
 * A record as KurrentDB's event. JSON where the client's own way of writing it gives back this very text, which then
 * can be read in KurrentDB's own pages; bytes otherwise, since the log's chain of hashes is over the text.
 */
export function eventFrom(text: string): EventData {
  const value = parsed(text);
  if (value === undefined || JSON.stringify(value) !== text)
    return binaryEvent({ type: OTHER, data: Buffer.from(text) });
  return jsonEvent({ type: typeOf(value), data: value });
}

/** The text that an event was made from. */
export const textOf = ({ isJson, data }: { readonly isJson: boolean; readonly data: unknown }): string =>
  isJson ? JSON.stringify(data) : Buffer.from(data as Uint8Array).toString();

/** A label for people who look at the stream; nothing here depends on it. */
const OTHER = 'Record';

type Json = Parameters<typeof jsonEvent>[0]['data'];

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

const typeOf = (value: unknown): string => {
  const type = (value as { readonly type?: unknown } | null)?.type;
  return typeof type === 'string' && type !== '' ? type : OTHER;
};
