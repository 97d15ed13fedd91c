import type { Readable } from 'node:stream';
import { All, Controller, Inject, Req, Res } from '@nestjs/common';
import { addressOf } from '../accounts/actor.js';
import { signableFrom, type HttpRequest } from '../accounts/signed-request.js';
import { Ec2Edge } from './ec2-edge.js';

/** What is used of Fastify's reply. */
export interface Reply {
  status(code: number): this;
  headers(values: Readonly<Record<string, string>>): this;
  send(body: string | Readable): this;
}

@Controller()
export class Ec2Controller {
  readonly #edge: Ec2Edge;

  constructor(@Inject(Ec2Edge) edge: Ec2Edge) {
    this.#edge = edge;
  }

  @All()
  async answer(@Req() request: HttpRequest, @Res() reply: Reply): Promise<void> {
    const { status, headers, body } = await this.#edge.answer(signableFrom(request), addressOf(request));
    reply
      .status(status)
      .headers({ 'content-type': 'text/xml;charset=UTF-8', ...headers })
      .send(body);
  }
}
