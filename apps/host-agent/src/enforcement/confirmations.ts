import { chainNameText, type Confirmation } from '#libs/protocol';
import type { RefusedChain } from './enforcement.js';

/** What is to be reported: chains that the kernel now enforces, and those of which it refuses something. */
export interface Outcomes {
  readonly enforced: readonly Confirmation[];
  readonly refused: readonly (Confirmation & { readonly reason: string })[];
}

/** Keeps back what is refused, until the kernel takes it after all. */
export class Confirmations {
  readonly #held = new Map<string, Confirmation & { readonly reason: string }>();

  get areHeld(): boolean {
    return this.#held.size > 0;
  }

  /** `moved` are the chains that are there now; what was held back is let go once nothing refuses it any more. */
  sort(moved: readonly Confirmation[], refused: readonly RefusedChain[]): Outcomes {
    const reasons = new Map(refused.map(({ name, reason }) => [chainNameText(name), reason]));
    const enforced: Confirmation[] = [];
    const news: (Confirmation & { readonly reason: string })[] = [];
    for (const [text, { reason: _, ...confirmation }] of this.#held) {
      if (reasons.has(text)) continue;
      this.#held.delete(text);
      enforced.push(confirmation);
    }
    for (const confirmation of moved) {
      const text = chainNameText(confirmation);
      const reason = reasons.get(text);
      if (reason === undefined) enforced.push(confirmation);
      else {
        this.#held.set(text, { ...confirmation, reason });
        news.push({ ...confirmation, reason });
      }
    }
    return { enforced, refused: news };
  }
}
