import { Ec2Error } from './errors.js';

/** Far more than any request of real clients has; what is above is not taken apart. */
const MOST_PARAMETERS = 20_000;
/** Parts of a name that have a meaning of their own: `IpPermissions.1.Groups.1.UserId` has five. */
const DEEPEST = 8;

/** What is said under one name, and under the names that go on from it with a dot. */
interface Node {
  text?: string;
  children?: Map<string, Node>;
}

const NOTHING: Node = {};

/**
 * The parameters of a Query request. EC2 writes lists as `Name.1`, `Name.2` and structures as `Name.1.Field`; clients
 * number from 1, with or without gaps, and the order of the numbers is the order of the list. To read all of them takes
 * time that grows with their number alone.
 */
export class QueryParameters {
  readonly #node: Node;

  private constructor(node: Node) {
    this.#node = node;
  }

  /** From `application/x-www-form-urlencoded` text; of a name given twice the last counts. */
  static parse(encoded: string): QueryParameters {
    const root: Node = {};
    let count = 0;
    for (const [name, text] of new URLSearchParams(encoded)) {
      if (++count > MOST_PARAMETERS)
        throw new Ec2Error(
          'RequestEntityTooLarge',
          `The request has more than ${MOST_PARAMETERS} parameters`,
          413,
        );
      made(root, name).text = text;
    }
    return new QueryParameters(root);
  }

  /** Undefined when absent or empty, which EC2 treats alike. */
  text(name: string): string | undefined {
    return this.#at(name).text || undefined;
  }

  /** Whether it is there at all, be it empty. */
  has(name: string): boolean {
    return this.#at(name).text !== undefined;
  }

  list(name: string): readonly string[] {
    return itemsOf(this.#at(name)).flatMap(({ text }) => text || []);
  }

  /** The same with the empty ones, for where an empty text means itself. */
  listWithEmpty(name: string): readonly string[] {
    return itemsOf(this.#at(name)).map(({ text }) => text ?? '');
  }

  structures(name: string): readonly QueryParameters[] {
    return itemsOf(this.#at(name)).map((node) => new QueryParameters(node));
  }

  /** The fields of one structure. */
  within(name: string): QueryParameters {
    return new QueryParameters(this.#at(name));
  }

  #at(name: string): Node {
    return partsOf(name).reduce<Node>((node, part) => node.children?.get(part) ?? NOTHING, this.#node);
  }
}

/** Whatever is deeper than any known name stays in one piece, so that dots cost nothing. */
function partsOf(name: string): readonly string[] {
  const parts = name.split('.', DEEPEST + 1);
  if (parts.length <= DEEPEST) return parts;
  const start = parts.slice(0, DEEPEST - 1);
  return [...start, name.slice(start.join('.').length + 1)];
}

function made(root: Node, name: string): Node {
  return partsOf(name).reduce<Node>((node, part) => {
    node.children ??= new Map();
    return node.children.getOrInsertComputed(part, (): Node => ({}));
  }, root);
}

/** The numbered ones, in the order of their numbers. */
function itemsOf({ children }: Node): readonly Node[] {
  const numbered = [...(children ?? [])].filter(([part]) => /^[0-9]{1,9}$/.test(part));
  return numbered.sort(([one], [other]) => Number(one) - Number(other)).map(([, node]) => node);
}
