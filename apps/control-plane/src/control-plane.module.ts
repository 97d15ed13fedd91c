import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { openNatsBus, type Bus } from '#libs/bus';
import { openEventStore, type EventStore } from '#libs/event-store';
import { Directory } from '#libs/projections';
import { openCommandPath } from './command-path.js';
import { CommandHandler } from './commands/command-handler.js';
import { CommandsController } from './commands/commands.controller.js';
import { Distributor } from './distribution/distributor.js';
import { Reminders } from './distribution/reminders.js';
import { History } from './history/history.js';
import { IndexedHistory } from './history/indexed-history.js';
import { ChangeFeed } from './receipts/change-feed.js';
import { ReceiptBoard } from './receipts/receipt-board.js';
import { Receipts } from './receipts/receipts.js';
import { AccessKeys, readAccessKeys } from './accounts/access-keys.js';
import { Ec2Controller } from './ec2/ec2.controller.js';
import { Ec2Edge } from './ec2/ec2-edge.js';
import { NATIVE_CONTROLLERS } from './native/controllers.js';
import { Moments } from './native/moments.js';
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
      controllers: [CommandsController, Ec2Controller, ...NATIVE_CONTROLLERS],
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
          useFactory: (store: EventStore, bus: Bus, history: IndexedHistory): Promise<CommandHandler> =>
            openCommandPath(
              { store, bus, history, directory, distributor, receipts, reminders, heads },
              { accounts: new Set([...settings.accounts, ...keys.accountIds]), limits: settings.limits },
              stop.signal,
            ),
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
