import { z } from 'zod';
import { parseGroupId, parseRuleId, type GroupReference } from '#libs/domain';

/** Parses text, or says what to write instead. */
export const parsed = <T>(
  parse: (text: string) => T | undefined,
  fix: string,
): z.ZodType<NonNullable<T>, string> =>
  z.string(fix).transform((text, context) => {
    const value = parse(text);
    if (value === undefined) context.addIssue(fix);
    return value ?? z.NEVER;
  });

/** A whole number between these. */
export const wholeNumber = (least: number, most: number): z.ZodInt => {
  const fix = `use ${least} to ${most}`;
  return z.int(fix).min(least, fix).max(most, fix);
};

/** A group by its id or name. */
export const group = z.string('use the id or the name of a group').transform((text): GroupReference => {
  const groupId = parseGroupId(text);
  return groupId ? { groupId } : { groupName: text };
});

export const ruleId = parsed(parseRuleId, 'use an id such as sgr-1a2b3c4d');

/** `{ "Name": "web-1" }` as tags. */
export const tags = z
  .record(z.string(), z.string('use text'), 'use an object such as {"Name": "web-1"}')
  .transform((record) => Object.entries(record).map(([key, value]) => ({ key, value })));
