import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setImmediate as othersTurn, setTimeout as rest } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { AccountId, Command, Limits, LogPosition, RecordedEvent } from '#libs/domain';
import { Directory } from '#libs/projections';
import { Ec2Error, ec2ErrorFrom, QueryParameters, type SignableRequest } from '#libs/protocol';
import { AccessKeys, type AccountKey } from '../accounts/access-keys.js';
import { actorOf, askerOf } from '../accounts/actor.js';
import { authenticate, type Authentication } from '../accounts/authentication.js';
import { requestKindOf, Throttle } from '../accounts/throttle.js';
import { CommandHandler, type Request } from '../commands/command-handler.js';
import { History, HistoryUnavailableError, NoSuchMomentError } from '../history/history.js';
import { LogUnavailableError } from '../log/log-unavailable-error.js';
import { Receipts, type WaitedReceipt } from '../receipts/receipts.js';
import { RefusalLog } from '../refusals/refusal-log.js';
import { Settings } from '../settings.js';
import type { ActionContext } from './action.js';
import { dialectOf } from './dialects.js';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text when it is short, as most are; else made as it is sent. */
  readonly body: string | Readable;
}

type Seen = Pick<ActionContext, 'directory' | 'now'>;

/** The header that asks of the past. */
const PAST = 'x-rampart-at';
const LONGEST_WAIT_SECONDS = 60;
/** Between two pieces of a long answer while others wait: longer than making one takes, so that most time is theirs. */
const REST_MILLISECONDS = 1;

/** The EC2 Query API: a signed request in, XML out, whatever becomes of it. */
@Injectable()
export class Ec2Edge {
  readonly #log = new Logger('ec2');
  readonly #commands: CommandHandler;
  readonly #directory: Directory;
  readonly #history: History;
  readonly #receipts: Receipts;
  readonly #keys: AccessKeys;
  readonly #refusals: RefusalLog;
  readonly #throttle: Throttle;
  readonly #region: string;
  readonly #limits: Limits;
  /** Requests whose answers have not begun. */
  #waiting = 0;

  constructor(
    @Inject(CommandHandler) commands: CommandHandler,
    @Inject(Directory) directory: Directory,
    @Inject(History) history: History,
    @Inject(Receipts) receipts: Receipts,
    @Inject(AccessKeys) keys: AccessKeys,
    @Inject(RefusalLog) refusals: RefusalLog,
    @Inject(Settings) settings: Settings,
  ) {
    this.#commands = commands;
    this.#directory = directory;
    this.#history = history;
    this.#receipts = receipts;
    this.#keys = keys;
    this.#refusals = refusals;
    this.#throttle = new Throttle(settings.throttle, () => performance.now());
    this.#region = settings.region;
    this.#limits = settings.limits;
  }

  /** `from` is the address that the request came from. */
  async answer(request: SignableRequest, from?: string): Promise<HttpAnswer> {
    const [requestId, arrived] = [randomUUID(), performance.now()];
    this.#waiting += 1;
    let who: Authentication | undefined;
    try {
      who = authenticate(request, this.#keys);
      if (!who.authenticated) throw new Ec2Error(who.code, who.message, who.status);
      const actor = actorOf(who.key, from);
      return await this.#act(request, who.key, { actor, requestId, arrived });
    } catch (error) {
      const explained = this.#explained(error);
      this.#noteRefusal(request, who, explained, { requestId, from });
      const body = dialectOf(request).refusal(explained, requestId);
      return { status: explained.status, headers: {}, body };
    } finally {
      this.#waiting -= 1;
    }
  }

  async #act(request: SignableRequest, key: AccountKey, asked: Request): Promise<HttpAnswer> {
    const parameters = parametersOf(request);
    const name = parameters.text('Action');
    if (name === undefined)
      throw new Ec2Error('MissingAction', 'The request must contain the parameter Action');
    const dialect = dialectOf(request);
    const action = dialect.actions.get(name);
    if (!action) throw new Ec2Error('InvalidAction', `The action ${name} is not valid for this web service.`);
    if (!this.#throttle.admits(key, requestKindOf(name)))
      throw new Ec2Error('RequestLimitExceeded', 'Request limit exceeded.', 503);
    const isDryRun = asksDryRun(parameters);
    let position: LogPosition | undefined;
    const execute = async (command: Command): Promise<readonly RecordedEvent[]> => {
      if (isDryRun) throw this.#dryRun(command);
      const outcome = await this.#commands.handle(command, asked);
      if (!outcome.accepted) throw ec2ErrorFrom(outcome.refusal);
      ({ position } = outcome);
      return outcome.events;
    };
    await this.#commands.catchUp();
    const seen = await this.#seenBy(request, key, name);
    const content = await action(parameters, this.#contextFor(request, key, seen, execute));
    if (isDryRun) throw this.#dryRun();
    const body = this.#bodyOf(dialect.answer(name, content, asked.requestId));
    return { status: 200, headers: await this.#receiptHeaders(request, position), body };
  }

  /** Of commands only, and not of what broke: that is in the control plane's own log. */
  #noteRefusal(
    request: SignableRequest,
    who: Authentication | undefined,
    { code, message, status }: Ec2Error,
    { requestId, from }: { readonly requestId: string; readonly from: string | undefined },
  ): void {
    const action = status >= 500 && code !== 'RequestLimitExceeded' ? undefined : commandIn(request);
    if (action === undefined) return;
    this.#refusals.note({ edge: 'ec2', action, ...askerOf(who, from), requestId, code, message });
  }

  /** The answer to DryRun: why the command would be refused, or that it would not be. */
  #dryRun(command?: Command): Ec2Error {
    const decision = command && this.#commands.preview(command);
    return decision?.accepted === false
      ? ec2ErrorFrom(decision.refusal)
      : new Ec2Error('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
  }

  /** What breaks in the first two pieces is still answered as an error. */
  #bodyOf(document: Generator<string, void>): HttpAnswer['body'] {
    const [first, second] = [document.next(), document.next()];
    if (second.done) return first.value ?? '';
    return Readable.from(this.#inTurns(`${first.value ?? ''}${second.value}`, document));
  }

  /** The next piece is made when the client has taken the one before, and others had their turn. */
  async *#inTurns(beginning: string, further: Iterable<string>): AsyncGenerator<string> {
    yield beginning;
    try {
      for (const piece of further) {
        await (this.#waiting > 0 ? rest(REST_MILLISECONDS) : othersTurn());
        yield piece;
      }
    } catch (error) {
      throw this.#explained(error); // in the log; the client sees the connection break off
    }
  }

  /** The present, or with `x-rampart-at: MOMENT` what there was then: the same question, asked of the past. */
  async #seenBy({ headers }: SignableRequest, { accountId }: AccountKey, action: string): Promise<Seen> {
    const at = headers[PAST];
    if (at === undefined) return { directory: this.#directory, now: new Date() };
    if (requestKindOf(action) !== 'read')
      throw new Ec2Error('InvalidParameterCombination', `${action} changes something, and the past is over`);
    const position = await this.#history.positionAt({ field: PAST, text: at });
    const [directory, now] = await Promise.all([
      this.#history.directoryAt(position, accountId),
      this.#history.timeOf(position),
    ]);
    return { directory, now };
  }

  #contextFor(
    { headers }: SignableRequest,
    { accountId }: AccountKey,
    { directory, now }: Seen,
    execute: ActionContext['execute'],
  ): ActionContext {
    const account = directory.account(accountId);
    if (!account) throw this.#notOpen(accountId, headers[PAST]);
    return {
      account,
      directory,
      region: this.#region,
      endpoint: headers['host'] ?? '',
      limits: this.#limits,
      now,
      execute,
    };
  }

  /** An account that is open by now has nothing wrong with its key. */
  #notOpen(accountId: AccountId, at: string | undefined): Ec2Error {
    if (at === undefined || !this.#directory.account(accountId))
      return ec2ErrorFrom({ code: 'AccountUnknown', accountId });
    const message = `${PAST} '${at}': the account ${accountId} was not open at that moment; ask of a later one`;
    return new Ec2Error('InvalidParameterValue', message);
  }

  /** For clients that ask with `x-rampart-wait: SECONDS`; others see nothing of it. */
  async #receiptHeaders(
    { headers }: SignableRequest,
    position?: LogPosition,
  ): Promise<Record<string, string>> {
    const seconds = Number(headers['x-rampart-wait'] ?? Number.NaN);
    if (position === undefined || !(seconds >= 0)) return {};
    const receipt = await this.#receipts.wait(position, Math.min(seconds, LONGEST_WAIT_SECONDS) * 1000);
    return {
      'x-rampart-position': String(position),
      'x-rampart-enforced': `${receipt.enforced}/${receipt.concerned - receipt.retired}`,
      'x-rampart-milliseconds': receipt.milliseconds.toFixed(1),
      ...(receipt.waitingFor.length > 0 ? { 'x-rampart-waiting-for': receipt.waitingFor.join(',') } : {}),
      ...(receipt.laggards.length > 0 ? { 'x-rampart-laggards': laggardsText(receipt.laggards) } : {}),
    };
  }

  /** Whatever broke is logged in full and told in general. */
  #explained(error: unknown): Ec2Error {
    if (error instanceof Ec2Error) return error;
    if (error instanceof NoSuchMomentError) return new Ec2Error('InvalidParameterValue', error.message);
    this.#log.error(error instanceof Error ? error.stack : error);
    return error instanceof LogUnavailableError || error instanceof HistoryUnavailableError
      ? new Ec2Error('Unavailable', error.message, 503)
      : new Ec2Error('InternalError', 'An internal error has occurred', 500);
  }
}

/** `host-1 lagging; host-2 refused: ENOMEM`, with nothing in it that a header can't hold. */
const laggardsText = (laggards: WaitedReceipt['laggards']): string =>
  laggards
    .map(({ hostId, ...one }) => `${hostId} ${one.state}${one.state === 'refused' ? `: ${one.reason}` : ''}`)
    .join('; ')
    .replaceAll(/[^\x20-\x7e]/g, ' ')
    .slice(0, 2000);

const parametersOf = ({ method, body, query }: SignableRequest): QueryParameters =>
  QueryParameters.parse(method === 'POST' ? body.toString() : query);

const asksDryRun = (parameters: QueryParameters): boolean =>
  parameters.text('DryRun')?.toLowerCase() === 'true';

/** The name of the action, if it is one that would change something. */
function commandIn(request: SignableRequest): string | undefined {
  try {
    const parameters = parametersOf(request);
    const name = parameters.text('Action') ?? '';
    const isCommand = dialectOf(request).actions.has(name) && requestKindOf(name) === 'change';
    return isCommand && !asksDryRun(parameters) ? name : undefined;
  } catch {
    return undefined; // parameters that can't be read name no action
  }
}
