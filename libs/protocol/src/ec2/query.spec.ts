import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QueryParameters } from './query.js';

const parsed = (pairs: readonly (readonly [string, string])[]): QueryParameters =>
  QueryParameters.parse(new URLSearchParams(pairs.map(([name, value]) => [name, value])).toString());

describe('lists', () => {
  it('have the order of their numbers, with or without gaps', () => {
    const parameters = parsed([
      ['Id.10', 'c'],
      ['Id.2', 'b'],
      ['Id.1', 'a'],
      ['Id.x', 'no'],
      ['Id', 'no'],
      ['Idle.1', 'no'],
      ['Id.3', ''],
    ]);
    expect(parameters.list('Id')).toEqual(['a', 'b', 'c']);
  });

  it('hold structures, at any depth that means something', () => {
    const parameters = parsed([
      ['IpPermissions.1.Groups.1.UserId', 'me'],
      ['IpPermissions.1.Groups.2.UserId', 'you'],
      ['IpPermissions.3.IpProtocol', 'tcp'],
    ]);
    const [first, second] = parameters.structures('IpPermissions');
    expect(first?.structures('Groups').map((one) => one.text('UserId'))).toEqual(['me', 'you']);
    expect(second?.text('IpProtocol')).toBe('tcp');
    expect(parameters.within('IpPermissions.1').text('Groups.2.UserId')).toBe('you');
  });

  it('take of a name given twice the last, and an empty text for none', () => {
    const parameters = parsed([
      ['Action', 'One'],
      ['Action', 'Two'],
      ['Empty', ''],
    ]);
    expect([parameters.text('Action'), parameters.text('Empty'), parameters.has('Empty')]).toEqual([
      'Two',
      undefined,
      true,
    ]);
  });

  it('are all that was given, whatever the numbers', () => {
    const entries = fc.uniqueArray(fc.tuple(fc.nat(999_999_999), fc.string({ minLength: 1 })), {
      selector: ([number]) => number,
    });
    fc.assert(
      fc.property(entries, (pairs) => {
        const parameters = parsed(pairs.map(([number, value]) => [`Name.${number}`, value.toWellFormed()]));
        const inOrder = pairs
          .toSorted(([one], [other]) => one - other)
          .map(([, value]) => value.toWellFormed());
        expect(parameters.list('Name')).toEqual(inOrder);
      }),
    );
  });
});

describe('hostile names', () => {
  it.each([
    '__proto__',
    'constructor',
    'toString',
    '__proto__.polluted',
    'A.__proto__.1',
    '.',
    '..',
    'A..1',
    '',
  ])('%j is a name like any other', (name) => {
    expect(parsed([[name, 'x']]).text(name)).toBe('x');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('as deep as a request is long are one name', () => {
    const deep = Array.from({ length: 100_000 }, (_, index) => index).join('.');
    const parameters = parsed([
      [deep, 'x'],
      ['Action', 'Still'],
    ]);
    expect([parameters.text(deep), parameters.text('Action')]).toEqual(['x', 'Still']);
  });

  it('give no more than was asked for', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, name) => {
        const parameters = QueryParameters.parse(text);
        const given = [...new URLSearchParams(text).values()];
        for (const value of parameters.list(name)) expect(given).toContain(value);
        expect(parameters.structures(name).length).toBeLessThanOrEqual(given.length);
      }),
    );
  });

  it('more than twenty thousand are refused', () => {
    const many = Array.from({ length: 20_001 }, (_, index) => `A.${index}=`).join('&');
    expect(() => QueryParameters.parse(many)).toThrow(
      expect.objectContaining({ code: 'RequestEntityTooLarge', status: 413 }),
    );
  });
});
