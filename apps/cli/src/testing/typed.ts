import { parseAnswer } from '../connection/xml-element.js';
import { textOf } from '../rows.js';
import { parseVerb } from '../run-verb.js';
import type { Terminal } from '../terminal.js';
import type { Parameters, Verb } from '../verb.js';

/** Words as a shell would split them; quotes keep spaces together. */
export const words = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

export interface HeardTerminal extends Terminal {
  readonly heard: { out: string; err: string };
}

export function hearingTerminal(environment: Terminal['environment'] = {}, input = ''): HeardTerminal {
  const heard = { out: '', err: '' };
  return {
    environment,
    heard,
    out: (text) => (heard.out += text),
    err: (text) => (heard.err += text),
    read: () => Promise.resolve(input),
  };
}

/** The request that a verb makes of what is typed. */
export const requestFor = (verb: Verb, typed: string): Parameters =>
  verb.parametersOf(parseVerb(verb, 'verb', words(typed), hearingTerminal()));

/** What a verb prints of an answer, given as the inside of its root element. */
export function linesFor(verb: Verb, typed: string, answer: string): string {
  const element = parseAnswer(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Response xmlns="x">${answer}</Response>`,
  );
  if (!element) throw new Error('the answer in this test is no XML');
  const given = parseVerb(verb, 'verb', words(typed), hearingTerminal());
  return textOf(verb.rowsOf(element, given), { showEmptyFields: false });
}
