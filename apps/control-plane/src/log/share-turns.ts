import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Bus } from '#libs/bus';
import { TURN_SUBJECT } from '#libs/protocol';
import type { CommandLog } from './command-log.js';

const LONGEST_MS = 100;
const request = z.object({ by: z.string(), milliseconds: z.number().positive().max(LONGEST_MS) });

/**
 * Of control planes that all append without a pause, the one that is nearest to the store would win every race. One
 * that loses again and again asks the others for as much time as it takes to win.
 */
export function shareTurns(bus: Bus, log: CommandLog): void {
  const us = randomUUID();
  log.onLosing((milliseconds) => {
    const wish = { by: us, milliseconds: Math.min(LONGEST_MS, Math.ceil(milliseconds)) };
    bus.publish(TURN_SUBJECT, JSON.stringify(wish));
  });
  bus.subscribe(TURN_SUBJECT, ({ text }) => {
    const { by, milliseconds } = wishFrom(text) ?? { by: us, milliseconds: 0 };
    if (by !== us) log.giveTurn(milliseconds);
  });
}

function wishFrom(text: string): z.output<typeof request> | undefined {
  try {
    return request.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
