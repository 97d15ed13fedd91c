import type { z } from 'zod';
import { appliedChangeSet, changeSet } from './change-set-shapes.js';
import { restoration, reversion } from './undo-shapes.js';
import { signedHead } from './log-head-shapes.js';
import { refusals } from './refusal-shapes.js';
import {
  change,
  changeByHost,
  changePath,
  changes,
  changesQuery,
  events,
  eventsQuery,
  health,
  hostPath,
  hosts,
  momentQuery,
  retirement,
  streamHeaders,
  verification,
  waitQuery,
} from './shapes.js';
import { differences, diffQuery } from './diff-shapes.js';
import { explainQuery, explanation } from './explain-shapes.js';
import { instanceRules, instanceRulesPath } from './rule-shapes.js';

/** One request that the native API answers. */
export interface Route {
  readonly method: 'get' | 'post' | 'delete';
  readonly path: `/v1/${string}`;
  readonly summary: string;
  /** Whose key must sign. */
  readonly by: 'anyone' | 'account' | 'operator';
  /** What is asked: in the path, after it, in headers. */
  readonly within?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  /** Made by `named`. */
  readonly body?: z.ZodType;
  /** Made by `named`; absent where the answer says itself what it is. */
  readonly answer?: z.ZodType;
  /** Such answers follow each other as server-sent events. */
  readonly isStream?: true;
  /** By status, besides those that any signed request may meet. */
  readonly refusals?: Readonly<Record<number, string>>;
}

/** All there is under `/v1`, for `openapi.ts` to tell; a test compares it with what controllers answer. */
export const ROUTES: readonly Route[] = [
  {
    method: 'get',
    path: '/v1/openapi.json',
    by: 'anyone',
    summary: 'This description',
  },
  {
    method: 'get',
    path: '/v1/health',
    by: 'anyone',
    summary: 'Answers once commands are taken',
    answer: health,
  },
  {
    method: 'get',
    path: '/v1/changes',
    by: 'account',
    summary: 'The latest changes, the newest first',
    query: changesQuery,
    answer: changes,
  },
  {
    method: 'get',
    path: '/v1/changes/stream',
    by: 'account',
    summary: 'Each change when it is made (`opened`) and when no host is left to wait for (`settled`)',
    headers: streamHeaders,
    answer: change,
    isStream: true,
  },
  {
    method: 'get',
    path: '/v1/changes/{position}',
    by: 'account',
    summary: 'One change, host by host',
    within: changePath,
    query: waitQuery,
    answer: changeByHost,
    refusals: { 404: 'No such change is known, or no longer' },
  },
  {
    method: 'post',
    path: '/v1/change-sets',
    by: 'account',
    summary: 'Applies changes of several groups, all of them or none; or says what they would open and close',
    body: changeSet,
    answer: appliedChangeSet,
    refusals: {
      409: 'One of the changes is refused, or a group was changed since; `index` says which change',
      503: 'The log can not be written',
    },
  },
  {
    method: 'post',
    path: '/v1/reversions',
    by: 'account',
    summary:
      'Undoes a change by changes of today, all of them or none; or says what they would open and close',
    body: reversion,
    answer: appliedChangeSet,
    refusals: {
      404: 'The account made no such change',
      409: 'It was built upon since, can not be undone, or nothing is left of it',
      503: 'The log can not be written',
    },
  },
  {
    method: 'post',
    path: '/v1/restorations',
    by: 'account',
    summary: 'Makes a group what it was at a moment; or says what that would open and close',
    body: restoration,
    answer: appliedChangeSet,
    refusals: {
      404: 'There was no such group then',
      409: 'The present does not allow it, or it is so already',
      503: 'The log can not be written',
    },
  },
  {
    method: 'get',
    path: '/v1/log/head',
    by: 'account',
    summary: 'Where the log ends just now, signed',
    answer: signedHead,
    refusals: { 404: 'No key to sign with is set' },
  },
  {
    method: 'get',
    path: '/v1/refusals',
    by: 'account',
    summary: 'Commands that were refused, the newest first. Operators see every account’s, and nobody’s',
    query: changesQuery,
    answer: refusals,
  },
  {
    method: 'get',
    path: '/v1/events',
    by: 'account',
    summary: 'The audit log: events by what they touch, who asked and when. Operators see every account’s',
    query: eventsQuery,
    answer: events,
  },
  {
    method: 'get',
    path: '/v1/hosts',
    by: 'account',
    summary: 'The hosts of the cell, and how far each has come',
    query: momentQuery,
    answer: hosts,
  },
  {
    method: 'delete',
    path: '/v1/hosts/{host}',
    by: 'operator',
    summary: 'Retires a host: no change waits for it any more',
    within: hostPath,
    query: waitQuery,
    answer: retirement,
    refusals: { 404: 'There is no such host', 409: 'It has instances' },
  },
  {
    method: 'get',
    path: '/v1/hosts/{host}/verification',
    by: 'operator',
    summary: "Compares what the host's kernel holds with what the log says, from its first event on",
    within: hostPath,
    answer: verification,
    refusals: { 404: 'There is no such host', 503: 'Its agent does not answer' },
  },
  {
    method: 'get',
    path: '/v1/explain',
    by: 'account',
    summary:
      'What becomes of a packet between two ends, and why; one of them must be the account’s own instance',
    query: explainQuery,
    answer: explanation,
    refusals: {
      404: 'There is no such instance, or neither end is one',
      503: 'The history can’t be asked just now',
    },
  },
  {
    method: 'get',
    path: '/v1/instances/{instanceId}/rules',
    by: 'account',
    summary: 'Every rule that holds for an instance, and what its peers stand for',
    within: instanceRulesPath,
    query: momentQuery,
    answer: instanceRules,
    refusals: { 404: 'There is no such instance', 503: 'The history can’t be asked just now' },
  },
  {
    method: 'get',
    path: '/v1/diff',
    by: 'account',
    summary:
      'What of an account, a group or an instance is otherwise at one moment than at another, and by which events',
    query: diffQuery,
    answer: differences,
    refusals: { 404: 'There was no such thing', 503: 'The history can’t be asked just now' },
  },
];
