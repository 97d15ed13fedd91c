import { createRequire } from 'node:module';

// The package's CommonJS half is one file, and so loads in a quarter of the time of its modules.
const { XMLParser } = createRequire(import.meta.url)('fast-xml-parser') as typeof import('fast-xml-parser');

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false, // '0022' and '1e5' are names like any other
  isArray: (name) => name === 'item',
});

/** An element of an EC2 answer. What is absent reads as undefined or as an empty list, as does what is empty. */
export class XmlElement {
  readonly #content: unknown;

  constructor(content: unknown) {
    this.#content = content;
  }

  /** The text at a path such as `placement.availabilityZone`. */
  text(path: string): string | undefined {
    const content = this.#at(path);
    return typeof content === 'string' && content !== '' ? content : undefined;
  }

  /** The `item` elements of a set such as `ipPermissions`. */
  items(path: string): readonly XmlElement[] {
    const content = this.#at(`${path}.item`);
    return Array.isArray(content) ? content.map((item) => new XmlElement(item)) : [];
  }

  #at(path: string): unknown {
    return path.split('.').reduce<unknown>((content, name) => {
      const fields =
        typeof content === 'object' && content !== null ? (content as Record<string, unknown>) : {};
      return fields[name];
    }, this.#content);
  }
}

/** The answer's root element; undefined when the text is no XML answer, or not the whole of one. */
export function parseAnswer(xml: string): XmlElement | undefined {
  try {
    const { '?xml': _declaration, ...document } = parser.parse(xml, true) as Record<string, unknown>;
    const [root] = Object.values(document);
    return typeof root === 'object' ? new XmlElement(root) : undefined;
  } catch {
    return undefined; // the parser has no other word for malformed text
  }
}
