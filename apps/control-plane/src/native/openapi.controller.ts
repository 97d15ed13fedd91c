import { Controller, Get } from '@nestjs/common';
import { openApiDocument } from './openapi.js';

/** The native API's description of itself, for whoever generates clients. It holds no secrets, so anyone may read it. */
@Controller('v1/openapi.json')
export class OpenApiController {
  @Get()
  describe(): object {
    return openApiDocument();
  }
}
