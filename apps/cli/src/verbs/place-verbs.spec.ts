import { expect, it } from 'vitest';
import { linesFor, requestFor } from '../testing/typed.js';
import { describeAvailabilityZones } from './describe-availability-zones.js';
import { describeRegions } from './describe-regions.js';

it('lists regions', () => {
  expect(requestFor(describeRegions, 'us-east-1 -F endpoint=*')).toEqual({
    Action: 'DescribeRegions',
    'RegionName.1': 'us-east-1',
    'Filter.1.Name': 'endpoint',
    'Filter.1.Value.1': '*',
  });
  const answer = `<regionInfo><item>
    <regionName>us-east-1</regionName><regionEndpoint>127.0.0.1:8770</regionEndpoint>
  </item></regionInfo>`;
  expect(linesFor(describeRegions, '', answer)).toBe('REGION\tus-east-1\t127.0.0.1:8770\n');
});

it('lists zones', () => {
  expect(requestFor(describeAvailabilityZones, 'us-east-1a')).toEqual({
    Action: 'DescribeAvailabilityZones',
    'ZoneName.1': 'us-east-1a',
  });
  const answer = `<availabilityZoneInfo><item>
    <zoneName>us-east-1a</zoneName><zoneState>available</zoneState><regionName>us-east-1</regionName>
    <messageSet><item><message>all is well</message></item></messageSet>
  </item></availabilityZoneInfo>`;
  expect(linesFor(describeAvailabilityZones, '', answer)).toBe(
    'AVAILABILITYZONE\tus-east-1a\tavailable\tus-east-1\tall is well\n',
  );
});
