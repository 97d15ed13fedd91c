import { structures } from '../parameters.js';
import { UsageError } from '../usage-error.js';
import type { Parameters } from '../verb.js';

/** `DEVICE=none`, `DEVICE=ephemeralN`, or `DEVICE=[SNAPSHOT]:[SIZE]:[DELETE]`, as in the classic tools. */
export const blockDeviceParameters = (mappings: readonly string[]): Parameters =>
  structures('BlockDeviceMapping', mappings, (mapping) => {
    const [, device, volume] = /^([^=]+)=(.+)$/.exec(mapping) ?? [];
    if (device === undefined || volume === undefined)
      throw new UsageError(
        `--block-device-mapping '${mapping}' is malformed: use DEVICE=none, DEVICE=ephemeral0 or DEVICE=SNAPSHOT:SIZE`,
      );
    return { DeviceName: device, ...volumeFields(volume) };
  });

function volumeFields(volume: string): Record<string, string | undefined> {
  if (volume === 'none') return { NoDevice: 'true' };
  if (/^ephemeral[0-9]+$/.test(volume)) return { VirtualName: volume };
  const [snapshot, size, deleted] = volume.split(':').map((part) => part || undefined);
  return { 'Ebs.SnapshotId': snapshot, 'Ebs.VolumeSize': size, 'Ebs.DeleteOnTermination': deleted };
}
