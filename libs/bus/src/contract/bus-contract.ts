import { describe, expect, it } from 'vitest';
import { BusError, type Bus } from '../bus.js';

/** Ends that are connected to the same bus; more of them when asked. */
export interface BusGround extends AsyncDisposable {
  connect(): Promise<Bus>;
}

/** What every bus promises. */
export function busContract(adapter: string, open: () => Promise<BusGround>): void {
  describe(`${adapter} keeps the Bus contract`, () => {
    it('delivers to whoever subscribed, in the order of publishing, and to nobody else', async () => {
      await using ground = await open();
      const [one, other] = [await ground.connect(), await ground.connect()];
      const heard: string[] = [];
      const done = Promise.withResolvers<void>();
      one.subscribe('a.*.c', ({ subject, text }) => {
        heard.push(`${subject} ${text}`);
        if (text === 'last') done.resolve();
      });
      await one.flush();
      for (let n = 0; n < 100; n++) other.publish('a.b.c', String(n));
      other.publish('a.b', 'no');
      other.publish('a.b.c.d', 'no');
      other.publish('a.x.c', 'last');
      await done.promise;
      expect(heard).toEqual([...Array.from({ length: 100 }, (_, n) => `a.b.c ${n}`), 'a.x.c last']);
    });

    it('hands a message to one subscriber of a queue', async () => {
      await using ground = await open();
      const [one, two, other] = [await ground.connect(), await ground.connect(), await ground.connect()];
      let heard = 0;
      for (const end of [one, two]) end.subscribe('work', () => heard++, { queue: 'workers' });
      const all = Promise.withResolvers<void>();
      two.subscribe('end', () => all.resolve());
      one.subscribe('end', ({ respond }) => respond('heard'));
      await Promise.all([one.flush(), two.flush()]);
      for (let n = 0; n < 50; n++) other.publish('work', String(n));
      await other.ask('end', '', 1000, ({ text }) => text);
      await all.promise;
      expect(heard).toBe(50);
    });

    it('stops at the end of a subscription', async () => {
      await using ground = await open();
      const [one, other] = [await ground.connect(), await ground.connect()];
      const heard: string[] = [];
      const subscription = one.subscribe('a', ({ text }) => heard.push(text));
      await one.flush();
      other.publish('a', 'before');
      await expect.poll(() => heard).toEqual(['before']);
      subscription.end();
      await one.flush();
      other.publish('a', 'after');
      const told = Promise.withResolvers<void>();
      one.subscribe('b', () => told.resolve());
      await one.flush();
      other.publish('b', '');
      await told.promise;
      expect(heard).toEqual(['before']);
    });

    it('takes an answer before what was published after it', async () => {
      await using ground = await open();
      const [one, other] = [await ground.connect(), await ground.connect()];
      const order: string[] = [];
      const news = Promise.withResolvers<void>();
      one.subscribe('news', () => {
        order.push('news');
        news.resolve();
      });
      other.subscribe('question', ({ text, respond }) => {
        respond(`${text}!`);
        other.publish('news', '');
      });
      await Promise.all([one.flush(), other.flush()]);
      expect(
        await one.ask('question', 'why', 1000, ({ text }) => {
          order.push('answer');
          return text;
        }),
      ).toBe('why!');
      await news.promise;
      expect(order).toEqual(['answer', 'news']);
    });

    it('says that nobody listens, that nobody answers, and what the taker threw', async () => {
      await using ground = await open();
      const [one, other] = [await ground.connect(), await ground.connect()];
      const asked = (subject: string): Promise<unknown> => one.ask(subject, '', 100, () => undefined);
      await expect(asked('nobody')).rejects.toThrow(BusError);
      other.subscribe('silent', () => undefined);
      other.subscribe('loud', ({ respond }) => respond('no'));
      await other.flush();
      await expect(asked('silent')).rejects.toThrow(BusError);
      const taken = one.ask('loud', '', 1000, ({ text }) => {
        throw new RangeError(text);
      });
      await expect(taken).rejects.toThrow(new RangeError('no'));
    });

    it('refuses a message that is too long', async () => {
      await using ground = await open();
      const one = await ground.connect();
      expect(() => one.publish('a', 'x'.repeat(one.maxPayload + 1))).toThrow(BusError);
      await expect(one.ask('a', 'x'.repeat(one.maxPayload + 1), 100, () => 0)).rejects.toThrow(BusError);
    });

    it('publishes nothing once it is closed, and may be closed again', async () => {
      await using ground = await open();
      const [one, other] = [await ground.connect(), await ground.connect()];
      const heard: string[] = [];
      other.subscribe('a', ({ text }) => heard.push(text));
      await other.flush();
      one.publish('a', 'last words');
      await one.close();
      await one.close();
      one.publish('a', 'nothing');
      await expect.poll(() => heard).toEqual(['last words']);
    });
  });
}
