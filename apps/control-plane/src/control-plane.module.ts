import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { openNatsBus, type Bus } from '#libs/bus';
import type { AccountId } from '#libs/domain';
import { openEventStore, type EventStore } from '#libs/event-store';
import { Directory } from '#libs/projections';
import { CommandHandler } from './commands/command-handler.js';
import { CommandsController } from './commands/commands.controller.js';
import { newId } from './commands/new-ids.js';
import { answerAnnouncements } from './distribution/announcements.js';
import { recordRepairs } from './distribution/repairs.js';
import { Distributor } from './distribution/distributor.js';
import { Reminders } from './distribution/reminders.js';
import { History } from './history/history.js';
import { IndexedHistory } from './history/indexed-history.js';
import { CommandLog } from './log/command-log.js';
import type { CommitListener } from './log/commit-listener.js';
import { ChangeFeed } from './receipts/change-feed.js';
import { shareTurns } from './log/share-turns.js';
import { ReceiptNotices } from './receipts/receipt-notices.js';
import { ReceiptBoard } from './receipts/receipt-board.js';
import { Receipts } from './receipts/receipts.js';
import { AccessKeys, readAccessKeys } from './accounts/access-keys.js';
import { Ec2Controller } from './ec2/ec2.controller.js';
import { Ec2Edge } from './ec2/ec2-edge.js';
import { ChangeSetsController } from './native/change-sets.controller.js';
import { ChangesController } from './native/changes.controller.js';
import { HealthController } from './native/health.controller.js';
import { EventsController } from './native/events.controller.js';
import { DiffController } from './native/diff.controller.js';
import { ExplainController } from './native/explain.controller.js';
import { InstanceRulesController } from './native/instance-rules.controller.js';
import { HostsController } from './native/hosts.controller.js';
import { Moments } from './native/moments.js';
import { OpenApiController } from './native/openapi.controller.js';
import { RefusalsController } from './native/refusals.controller.js';
import { LogHeadController } from './native/log-head.controller.js';
import { UndoController } from './native/undo.controller.js';
import { VerificationController } from './native/verification.controller.js';
import { LogHeads } from './proof/log-heads.js';
import { readSigningKey } from './proof/signing-key.js';
import { RefusalLog } from './refusals/refusal-log.js';
import { Settings, UNNAMED } from './settings.js';
import { Verifier } from './verification/verifier.js';

const BUS = Symbol('Bus');
const STORE = Symbol('EventStore');

/** Wires the path of a command: log, projections, broadcasts; and ends it in the opposite order. */
@Module({})
export class ControlPlaneModule implements BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #bus: Bus;
  readonly #store: EventStore;
  readonly #reminders: Reminders;
  readonly #history: IndexedHistory;
  /** Ends the following of the log. */
  readonly #stop: AbortController;
  readonly #heads: LogHeads;
  readonly #refusals: RefusalLog;

  constructor(
    @Inject(BUS) bus: Bus,
    @Inject(STORE) store: EventStore,
    @Inject(Reminders) reminders: Reminders,
    @Inject(History) history: IndexedHistory,
    @Inject(AbortController) stop: AbortController,
    @Inject(LogHeads) heads: LogHeads,
    @Inject(RefusalLog) refusals: RefusalLog,
  ) {
    this.#heads = heads;
    this.#refusals = refusals;
    this.#history = history;
    this.#stop = stop;
    this.#bus = bus;
    this.#store = store;
    this.#reminders = reminders;
  }

  static with(settings: Settings): DynamicModule {
    const receipts = new ReceiptBoard(settings.receipts);
    const distributor = new Distributor(receipts);
    const reminders = new Reminders(receipts, (hostId) => distributor.remind(hostId));
    const directory = new Directory();
    const stop = new AbortController();
    const heads = headsOf(settings);
    const keys =
      settings.accessKeysFile === undefined ? new AccessKeys([]) : readAccessKeys(settings.accessKeysFile);
    return {
      module: ControlPlaneModule,
      controllers: [
        CommandsController,
        Ec2Controller,
        HealthController,
        OpenApiController,
        HostsController,
        ChangesController,
        EventsController,
        UndoController,
        ChangeSetsController,
        VerificationController,
        LogHeadController,
        ExplainController,
        InstanceRulesController,
        DiffController,
        RefusalsController,
      ],
      providers: [
        Ec2Edge,
        Moments,
        { provide: Settings, useValue: settings },
        { provide: AccessKeys, useValue: keys },
        { provide: Directory, useValue: directory },
        { provide: Receipts, useValue: receipts },
        { provide: ChangeFeed, useValue: new ChangeFeed(receipts) },
        { provide: Reminders, useValue: reminders },
        { provide: AbortController, useValue: stop },
        { provide: LogHeads, useValue: heads },
        {
          provide: RefusalLog,
          useValue: new RefusalLog(settings.refusalsFile, (message) => console.warn(message)),
        },
        { provide: BUS, useFactory: () => openBus(settings) },
        { provide: STORE, useFactory: () => openStore(settings) },
        {
          provide: Verifier,
          inject: [BUS, STORE],
          useFactory: (bus: Bus, store: EventStore): Verifier => new Verifier(bus, store, distributor),
        },
        {
          provide: History,
          inject: [STORE],
          useFactory: (store: EventStore) => openHistory(settings, store),
        },
        {
          provide: CommandHandler,
          inject: [STORE, BUS, History],
          useFactory: async (
            store: EventStore,
            bus: Bus,
            history: IndexedHistory,
          ): Promise<CommandHandler> => {
            const notices = new ReceiptNotices(receipts, directory);
            const listeners: readonly CommitListener[] = [
              (commit) => commit.forEach((one) => directory.project(one)),
              (commit, arrival) => distributor.project(commit, arrival),
              (commit, { isOwn }) => isOwn && notices.announce(commit),
              () => history.hear(),
              () => heads.noticeChange(),
            ];
            const from = await history.startingPoint();
            const log = await CommandLog.open(store, listeners, {
              limits: settings.limits,
              ...(from ? { from } : {}),
              onStartingPoint: ({ places }) => distributor.restore(places),
            });
            history.follow(() => log.catchUp().then(() => directory.position));
            receipts.follow((receipt, isSettled) => {
              if (isSettled) history.noteReceipt(receipt);
            });
            await openAccounts(log, new Set([...settings.accounts, ...keys.accountIds]));
            distributor.serve(bus, log);
            recordRepairs(bus, log);
            answerAnnouncements(bus, log, (id) => directory.instances.get(id)?.instance);
            notices.publishOn(bus);
            heads.follow(() => log.end, bus);
            reminders.start();
            shareTurns(bus, log);
            void log.follow(stop.signal); // what it throws ends the process: one that hears nothing is worse
            return log;
          },
        },
      ],
    };
  }

  /** The HTTP server ends when its requests have. */
  beforeApplicationShutdown(): void {
    this.#history.endWaits();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#reminders.stop();
    this.#stop.abort();
    await this.#heads[Symbol.asyncDispose]();
    await this.#refusals[Symbol.asyncDispose]();
    await this.#bus.close();
    await this.#history[Symbol.asyncDispose]();
    await this.#store[Symbol.asyncDispose]();
  }
}

async function openStore({ log }: Settings): Promise<EventStore> {
  const store = await openEventStore(log);
  if (store.durability !== undefined) console.log(`the log ${store.name}: an event is ${store.durability}`);
  return store;
}

const openBus = ({ nats }: Settings): Promise<Bus> =>
  openNatsBus(nats, 'rampart control plane', (message) => console.warn(message));

const headsOf = ({ region: cell, signingKeyFile, headsFile: file }: Settings): LogHeads =>
  new LogHeads({
    cell,
    key: signingKeyFile === undefined ? undefined : readSigningKey(signingKeyFile),
    file,
    warn: (message) => console.warn(message),
  });

function openHistory({ history }: Settings, store: EventStore): Promise<IndexedHistory> {
  if (history === UNNAMED)
    console.warn('the index of the past is made anew at each start: set RAMPART_HISTORY to a file');
  return IndexedHistory.open(history, store, (message) => console.warn(message));
}

/** Opening an account that is open changes nothing. */
async function openAccounts(commands: CommandHandler, accounts: Iterable<AccountId>): Promise<void> {
  for (const accountId of accounts) {
    const ruleIds = [newId<'RuleId'>('sgr'), newId<'RuleId'>('sgr'), newId<'RuleId'>('sgr')] as const;
    const ids = { vpcId: newId<'VpcId'>('vpc'), defaultGroupId: newId<'GroupId'>('sg'), ruleIds };
    await commands.handle(
      { type: 'OpenAccount', accountId, ...ids },
      { actor: { kind: 'system' }, requestId: 'start' },
    );
  }
}
