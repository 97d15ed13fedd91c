import { Controller, Get, Inject } from '@nestjs/common';
import type { z } from 'zod';
import { Directory } from '#libs/projections';
import type { health } from './shapes.js';

@Controller('v1/health')
export class HealthController {
  readonly #directory: Directory;

  constructor(@Inject(Directory) directory: Directory) {
    this.#directory = directory;
  }

  /** Answers once commands are taken, with the log position that answers take account of. */
  @Get()
  health(): z.output<typeof health> {
    return { status: 'ok', position: this.#directory.position };
  }
}
