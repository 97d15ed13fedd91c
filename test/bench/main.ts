import { Report } from './report.js';
import { loadSuite, suiteNames } from './suite.js';

// `npm run bench`: every suite. `npm run bench path log`: those. What follows `--` goes to the suites; `--json` leaves out what
// is for people.

const args = process.argv.slice(2);
const firstOption = args.findIndex((arg) => arg.startsWith('-'));
const names = firstOption < 0 ? args : args.slice(0, firstOption);
const options = firstOption < 0 ? [] : args.slice(firstOption);

const known = await suiteNames();
const unknown = names.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`there is no suite ${unknown.join(', ')}; there are ${known.join(', ')}`);
  process.exit(2);
}
const report = new Report();
const isForPrograms = options.includes('--json');
for (const name of names.length > 0 ? names : known) {
  const suite = await loadSuite(name);
  if (!isForPrograms) console.log(`${name}: ${suite.about}`);
  await suite.run(report, options);
}
report.print(isForPrograms);
