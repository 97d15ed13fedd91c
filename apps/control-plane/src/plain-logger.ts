import { isatty } from 'node:tty';
import { ConsoleLogger } from '@nestjs/common';

/** Nest's own, for terminals, files and journals alike; why a start failed is said once, by main, and not here too. */
export class PlainLogger extends ConsoleLogger {
  constructor() {
    super({ logLevels: ['error', 'warn'], colors: isatty(1) });
  }

  override error(message: unknown, ...rest: unknown[]): void {
    if (rest.at(-1) !== 'ExceptionHandler') super.error(message, ...rest);
  }
}
