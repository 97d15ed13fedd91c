import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { logOf } from '../paths.js';
import { markOf, type ProcessMark } from '../process-mark.js';
import type { Command } from './command.js';

/** As in the systemd units. */
const RESTART_MS = 200;
/** A process that ends again at once is given longer and longer. */
const LONGEST_RESTART_MS = 5_000;
const SHORT_LIFE_MS = 1_000;
const STOP_MS = 5_000;

export interface ChildEvents {
  readonly started: (child: Child) => void;
  /** It ended though nobody asked it to; it will be started again. */
  readonly died: (child: Child, how: string) => void;
}

/** A process that is kept running until it is told to stop. */
export class Child {
  readonly name: string;
  readonly #command: Command;
  readonly #events: ChildEvents;
  readonly #stopping = new AbortController();
  #process: ChildProcess | undefined;
  #mark: ProcessMark | undefined;
  #ended: Promise<void> = Promise.resolve();
  #shortLives = 0;

  constructor(command: Command, events: ChildEvents) {
    this.name = command.name;
    this.#command = command;
    this.#events = events;
  }

  get mark(): ProcessMark | undefined {
    return this.#mark;
  }

  start(): void {
    const { argv, env = {}, socket } = this.#command;
    const [program, ...args] = argv;
    const log = openSync(logOf(this.name), 'a', 0o600);
    const began = performance.now();
    // In a session of its own: the terminal's Ctrl-C is for the lab, which ends its processes in order.
    const child = spawn(program, args, {
      detached: true,
      env: { ...inherited(), ...env },
      stdio: ['ignore', log, log, ...(socket === undefined ? [] : [socket])],
    });
    closeSync(log);
    this.#process = child;
    this.#mark = child.pid === undefined ? undefined : markOf(child.pid);
    this.#ended = new Promise((resolve) => {
      const end = (how: string): void => {
        resolve();
        this.#after(how, performance.now() - began);
      };
      child.once('error', (error) => end(error.message));
      child.once('exit', (status, signal) => end(signal ? `killed by ${signal}` : `exit status ${status}`));
    });
    this.#events.started(this);
  }

  /** Resolves when it has ended, asked first, killed when it takes too long. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const killer = setTimeout(() => this.#process?.kill('SIGKILL'), STOP_MS);
    this.#process?.kill('SIGTERM');
    await this.#ended;
    clearTimeout(killer);
  }

  #after(how: string, lived: number): void {
    if (this.#stopping.signal.aborted) return;
    this.#shortLives = lived < SHORT_LIFE_MS ? this.#shortLives + 1 : 0;
    this.#events.died(this, how);
    const delay = Math.min(RESTART_MS * 2 ** Math.max(0, this.#shortLives - 1), LONGEST_RESTART_MS);
    sleep(delay, undefined, { signal: this.#stopping.signal }).then(
      () => this.start(),
      () => undefined, // told to stop meanwhile
    );
  }
}

/** What a shell that has read a lab.env hands down must not reach into the next lab. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:RAMPART|LISTEN|npm)_/.test(name)),
  );
}
