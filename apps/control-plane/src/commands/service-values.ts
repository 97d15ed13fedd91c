import { z } from 'zod';
import { parseGroupId, parseRuleId, type GroupReference } from '#libs/domain';

/** Parses text, or says what was wrong with it. */
export const parsed = <T>(
  parse: (text: string) => T | undefined,
  fix: string,
): z.ZodType<NonNullable<T>, string> =>
  z.string().transform((text, context) => {
    const value = parse(text);
    if (value === undefined) context.addIssue(`'${text}' is not understood: ${fix}`);
    return value ?? z.NEVER;
  });

/** A group by its id or name. */
export const group = z.string().transform((text): GroupReference => {
  const groupId = parseGroupId(text);
  return groupId ? { groupId } : { groupName: text };
});

export const ruleId = parsed(parseRuleId, 'use an id such as sgr-1a2b3c4d');

/** `{ "Name": "web-1" }` as tags. */
export const tags = z
  .record(z.string(), z.string())
  .transform((record) => Object.entries(record).map(([key, value]) => ({ key, value })));

/** What is wrong with a message, field by field; `whole` names the message itself. */
export const issuesText = (issues: z.ZodError['issues'], whole: string): string =>
  issues.map(({ path, message }) => `${path.join('.') || whole}: ${message}`).join('; ');
