import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandSubject } from '#libs/protocol';
import { accountId, NatsServer } from '../support/cell.js';
import { freePort, Program } from '../support/programs.js';

interface Answer {
  readonly accepted: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly events?: readonly Readonly<Record<string, unknown>>[];
}

describe('services command over NATS', () => {
  const resources = new AsyncDisposableStack();
  let connection: NatsConnection;

  beforeAll(async () => {
    const nats = resources.use(await NatsServer.start());
    resources.use(
      await Program.controlPlane({
        RAMPART_LISTEN: `127.0.0.1:${await freePort()}`,
        RAMPART_NATS_URL: nats.url,
        RAMPART_LOG: 'memory',
        RAMPART_ACCOUNTS: accountId,
      }),
    );
    connection = await connect({ servers: nats.url });
    resources.defer(() => connection.close());
  });
  afterAll(() => resources.disposeAsync());

  const ask = async (body: object): Promise<Answer> => {
    const message = await connection.request(commandSubject(accountId), JSON.stringify(body), {
      timeout: 5000,
    });
    return message.json<Answer>();
  };
  /** The events of what was accepted. */
  const done = async (body: object): Promise<NonNullable<Answer['events']>> => {
    const answer = await ask(body);
    if (!answer.accepted) throw new Error(JSON.stringify(answer));
    return answer.events ?? [];
  };
  const typesOf = (events: NonNullable<Answer['events']>): readonly unknown[] =>
    events.map(({ type }) => type);

  it('the whole life of rules, tags and prefix lists', async () => {
    await done({ type: 'CreateGroup', name: 'web', description: 'web', tags: { Name: 'web' } });
    const [list] = await done({
      type: 'CreatePrefixList',
      name: 'offices',
      maxEntries: 5,
      entries: [{ cidr: '192.0.2.0/24', description: 'one' }],
      clientToken: 'once',
    });
    const prefixListId = list?.['prefixListId'];
    const [authorized] = await done({
      type: 'AuthorizeRules',
      group: 'web',
      rules: [{ protocol: 'tcp', from: 443, to: 443, prefixList: prefixListId, description: 'offices' }],
    });
    const ruleId = (authorized?.['rule'] as { ruleId?: string } | undefined)?.ruleId ?? '';
    expect(
      typesOf(
        await done({
          type: 'ModifyRules',
          group: 'web',
          rules: [{ ruleId, protocol: 'tcp', from: 80, to: 80, prefixList: prefixListId }],
        }),
      ),
    ).toEqual(['RuleModified']);
    const described = {
      type: 'ChangeRuleDescriptions',
      group: 'web',
      rules: [{ ruleId, description: 'http' }],
    };
    expect(typesOf(await done(described))).toEqual(['RuleDescriptionChanged']);
    const more = {
      type: 'ModifyPrefixList',
      prefixListId,
      currentVersion: 1,
      add: [{ cidr: '198.51.100.0/24' }],
    };
    expect(await done(more)).toMatchObject([{ type: 'PrefixListModified', version: 2 }]);
    const tagged = { type: 'ChangeTags', resourceIds: [ruleId, prefixListId], set: { Owner: 'me' } };
    expect(await done(tagged)).toHaveLength(2);
    expect(await ask({ type: 'DeletePrefixList', prefixListId })).toMatchObject({ code: 'PrefixListInUse' });
    expect(typesOf(await done({ type: 'RevokeRules', group: 'web', ruleIds: [ruleId] }))).toEqual([
      'RuleRevoked',
    ]);
    expect(typesOf(await done({ type: 'DeletePrefixList', prefixListId }))).toEqual(['PrefixListDeleted']);
  });

  it('changes of several groups as one, previewed and guarded', async () => {
    const changes = [
      { type: 'CreateGroup', name: 'app', description: 'app' },
      { type: 'AuthorizeRules', group: 'app', rules: [{ protocol: 'udp', from: 53, cidr: '10.0.0.0/8' }] },
    ];
    const set = { type: 'ApplyChangeSet', changes };
    expect(await ask({ ...set, dryRun: true })).toMatchObject({
      accepted: true,
      dryRun: true,
      effect: { instances: [], withoutInstances: [{ name: 'app' }] },
    });
    expect(await done(set)).toHaveLength(4);
    expect(await ask(set)).toMatchObject({ accepted: false, index: 0, code: 'GroupNameTaken' });
    const late = { ...set, changes: changes.slice(1), expected: 1 };
    expect(await ask(late)).toMatchObject({ accepted: false, index: 0, code: 'ChangedSince', name: 'app' });
  });

  it('what is asked again by the same token happens once', async () => {
    const body = { type: 'CreatePrefixList', name: 'l', maxEntries: 1, clientToken: 'again' };
    expect(typesOf(await done(body))).toEqual(['PrefixListCreated', 'ClientTokenUsed']);
    expect(await done(body)).toEqual([]);
    expect(await ask({ ...body, name: 'other' })).toMatchObject({ code: 'ClientTokenMismatch' });
  });

  it.each<[string, object, string]>([
    ['two far ends', { cidr: '10.0.0.0/8', group: 'web' }, 'give one of cidr, group and prefixList'],
    ['no far end', {}, 'give one of cidr, group and prefixList'],
    ['ports the wrong way round', { cidr: '10.0.0.0/8', from: 90, to: 80 }, 'the first port, 90, is above'],
    [
      'a port that there is not',
      { cidr: '10.0.0.0/8', from: 70_000 },
      "rules.0.from '70000': use 0 to 65535",
    ],
    ['a slip', { cidr: '10.0.0.0/8', too: 90 }, 'rules.0.too is not understood: use protocol, from, to, '],
    [
      'a protocol that nobody knows',
      { protocol: 'tpc' },
      "rules.0.protocol 'tpc': use all, tcp, udp, icmp, ",
    ],
    [
      'a description that is long',
      { description: 'x'.repeat(300) },
      "x…' of 300 characters: use at most 255",
    ],
    ['a malformed block', { cidr: '10.0.0/8' }, "rules.0.cidr '10.0.0/8': use a block such as"],
  ])('a rule with %s is refused by its field', async (_what, rule, message) => {
    const answer = await ask({ type: 'AuthorizeRules', group: 'web', rules: [{ protocol: 'tcp', ...rule }] });
    expect(answer).toMatchObject({ accepted: false, code: 'CommandMalformed' });
    expect(answer.message).toContain(message);
  });

  it.each<[string, object, string]>([
    ['none that there is', { type: 'Open' }, "type 'Open': use CreateGroup, "],
    ['none', {}, 'type is missing: use CreateGroup, '],
    [
      'a slip',
      { type: 'DeleteGroup', group: 'web', frob: 1 },
      'frob is not understood: use type, group, wait, dryRun',
    ],
    ['too long a wait', { type: 'DeleteGroup', group: 'web', wait: 61 }, "wait '61': use 0 to 60 seconds"],
    [
      'a slip in an entry',
      { type: 'CreatePrefixList', name: 'l', maxEntries: 1, entries: [{ cidr: '10.0.0.0/8', desc: 'x' }] },
      'entries.0.desc is not understood: use cidr, description',
    ],
    ['too many', { type: 'LaunchInstances', count: 1001 }, "count '1001': use 1 to 1000"],
  ])('a command that has %s is refused by its field', async (_what, body, message) => {
    const answer = await ask(body);
    expect(answer).toMatchObject({ accepted: false, code: 'CommandMalformed' });
    expect(answer.message).toContain(message);
  });
});
