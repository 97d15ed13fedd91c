import { describe, expect, it } from 'vitest';
import { EventStoreError } from '../event-store.js';
import { parseKurrentDbAddress } from './address.js';

const here = encodeURIComponent(import.meta.filename);

describe('the address of a log in KurrentDB', () => {
  it.each([
    ['kurrentdb://db:2113', 'kurrentdb://db:2113', 'kurrentdb://db:2113?stream=rampart-cell'],
    ['kurrentdb://db:2113/', 'kurrentdb://db:2113', 'kurrentdb://db:2113?stream=rampart-cell'],
    [
      'esdb+discover://admin:changeit@cluster?stream=cell-7',
      'kurrentdb+discover://admin:changeit@cluster',
      'kurrentdb+discover://cluster?stream=cell-7',
    ],
    [
      'esdb://u:p%40ss@a:1,b:2,c:3?TLS=true&stream=x&nodePreference=leader',
      'kurrentdb://u:p%40ss@a:1,b:2,c:3?tls=true&nodePreference=leader',
      'kurrentdb://a:1,b:2,c:3?stream=x',
    ],
    [
      'kurrentdb://127.0.0.1:2113?tls=false',
      'kurrentdb://127.0.0.1:2113?tls=false',
      'kurrentdb://127.0.0.1:2113?stream=rampart-cell',
    ],
    [
      `kurrentdb://db?tlsCAFile=${here}`,
      `kurrentdb://db?tlsCAFile=${here}`,
      'kurrentdb://db?stream=rampart-cell',
    ],
  ])('%s', (address, connection, name) => {
    expect(parseKurrentDbAddress(address)).toMatchObject({ connection, name });
  });

  it('has the user and password as they are meant', () => {
    const { credentials } = parseKurrentDbAddress('kurrentdb://ad%20min:p%40s%2Fs%25@db');
    expect(credentials).toEqual({ username: 'ad min', password: 'p@s/s%' });
  });

  it.each([
    ['kurrentdb://', 'use kurrentdb://user:password@host1:2113'],
    ['kurrentdb://u:secret@', 'use kurrentdb://'],
    ['kurrentdb://u:sec@ret@db', 'use kurrentdb://'],
    ['kurrentdb://u:sec%ret@db', 'write %25'],
    ['kurrentdb://u:secret@d b', "'d b' is no host"],
    ['kurrentdb://u:secret@[::1]:2113', "'[::1]:2113' is no host"],
    ['kurrentdb://u:secret@10.0.0.1:2113', 'with TLS, use the name that the certificate is for'],
    ['kurrentdb://u:secret@db?tls=no', "'no' is no value for the option 'tls'"],
    ['kurrentdb://u:secret@db?sream=x', "there is no option 'sream'"],
    ['kurrentdb://u:secret@db?stream=$all', "'$all' is no value for the option 'stream'"],
    ['kurrentdb://u:secret@db?tlsCAFile=/no/such/ca.crt', "there is no file '/no/such/ca.crt' for tlsCAFile"],
    ['kurrentdb://u:secret@db?throwOnAppendFailure=false', "there is no option 'throwOnAppendFailure'"],
  ])('%s is refused, with what to do and without the password', (address, message) => {
    const parse = (): unknown => parseKurrentDbAddress(address);
    expect(parse).toThrow(EventStoreError);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(/secret|sec@ret|sec%ret/);
  });
});
