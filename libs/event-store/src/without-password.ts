/** An address as people may see it, however malformed: in a log, an error, a terminal. */
export const withoutPassword = (address: string): string => address.replace(/(\/[^:@/]*):.*@/s, '$1:…@');
