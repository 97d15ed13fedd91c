/**
 * How many times longer work takes on something so many times larger. Processor time of this process, and the least of
 * several runs, so that what else the machine does has little to say.
 */
export function growthOf(work: (size: number) => void, small: number, large: number): number {
  const least = (size: number): number =>
    Math.min(
      ...Array.from({ length: 5 }, () => {
        const start = process.cpuUsage();
        work(size);
        const { user, system } = process.cpuUsage(start);
        return user + system;
      }),
    );
  work(large); // compiled by now, whichever is measured first
  return least(large) / Math.max(1, least(small));
}
