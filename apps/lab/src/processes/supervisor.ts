import { readFileSync } from 'node:fs';
import { LabError } from '../errors.js';
import type { Say } from '../output.js';
import { logOf } from '../paths.js';
import type { ProcessRecord } from '../record.js';
import { Child } from './child.js';
import type { Command } from './command.js';

const LAST_LINES = 8;

export interface SupervisorEvents {
  readonly changed: (processes: readonly ProcessRecord[]) => void;
  readonly restarted: (name: string) => void;
  /** While the lab is being raised, a process that ends is the end of it. */
  readonly failed: (error: LabError) => void;
}

/** All processes of the lab. */
export class Supervisor {
  readonly #say: Say;
  readonly #events: SupervisorEvents;
  readonly #children = new Map<string, Child>();
  #isRaised = false;

  constructor(say: Say, events: SupervisorEvents) {
    this.#say = say;
    this.#events = events;
  }

  start(command: Command): Child {
    const child = new Child(command, {
      started: ({ name }) => {
        const isRestart = this.#children.has(name);
        this.#children.set(name, child);
        this.#events.changed(this.#records());
        if (isRestart) this.#events.restarted(name);
      },
      died: ({ name }, how) => this.#died(name, how),
    });
    child.start();
    return child;
  }

  /** From here on, what ends is started again. */
  raised(): void {
    this.#isRaised = true;
  }

  #died(name: string, how: string): void {
    const lines = lastLines(name);
    if (!this.#isRaised) return this.#events.failed(new LabError(`${name} ended (${how})${lines}`));
    this.#say(`! ${name} ended (${how}); starting it again${lines}`);
  }

  #records(): readonly ProcessRecord[] {
    return [...this.#children.values()].flatMap(({ name, mark }) => (mark ? [{ name, ...mark }] : []));
  }
}

function lastLines(name: string): string {
  try {
    const lines = readFileSync(logOf(name), 'utf8').trimEnd().split('\n').slice(-LAST_LINES);
    return lines.every((line) => line === '')
      ? ''
      : `, its last words:\n${lines.map((line) => `    ${line}`).join('\n')}`;
  } catch {
    return '';
  }
}
