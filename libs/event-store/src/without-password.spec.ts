import { expect, it } from 'vitest';
import { withoutPassword } from './without-password.js';

it.each([
  ['kurrentdb://admin:secret@db:2113?tls=true', 'kurrentdb://admin:…@db:2113?tls=true'],
  ['jetstream:nats://u:se:cr@et@a:4222,b:4222/LOG', 'jetstream:nats://u:…@a:4222,b:4222/LOG'],
  ['kurentdb:/admin:secret@db', 'kurentdb:/admin:…@db'],
  ['kurrentdb://:secret@db', 'kurrentdb://:…@db'],
  ['kurrentdb://admin:sec\nret@db', 'kurrentdb://admin:…@db'],
  ['sqlite:/var/lib/rampart/log@1.db', 'sqlite:/var/lib/rampart/log@1.db'],
  ['memory', 'memory'],
])('%s is shown as %s', (address, shown) => {
  expect(withoutPassword(address)).toBe(shown);
});
