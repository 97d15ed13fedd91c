import { Controller, Get, Inject } from '@nestjs/common';
import { Directory } from '#libs/projections';

@Controller('v1')
export class HealthController {
  readonly #directory: Directory;

  constructor(@Inject(Directory) directory: Directory) {
    this.#directory = directory;
  }

  /** Answers once commands are taken, with the log position that answers take account of. */
  @Get('health')
  health(): { readonly status: 'ok'; readonly position: number } {
    return { status: 'ok', position: this.#directory.position };
  }
}
