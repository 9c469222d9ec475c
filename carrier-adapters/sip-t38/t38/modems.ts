import type { Modem, Modulation } from '../t30/line.ts';
import type { DataType } from './data-type.ts';
import type { Indicator } from './indicator.ts';

/** A signal of the line that carries bits: the control channel, or a modem of the message channel. */
export type Carrier = Modem | 'V.21';

interface Row {
  readonly modem: Modem;
  readonly dataType: DataType;
  /** The long training, or the only one. */
  readonly training: Indicator;
  /** Resynchronisation; the same for modulations that have one training only. */
  readonly resync: Indicator;
}

const row = (
  modulation: Modulation,
  rate: number,
  dataType: DataType,
  training: Indicator,
  resync = training,
): Row => ({
  modem: { modulation, rate },
  dataType,
  training,
  resync,
});

/** The modems of T.30 by their names in T.38 (§7.3.1 and §7.3.2). */
const MODEMS: readonly Row[] = [
  row('V.27ter', 2400, 'v27-2400', 'v27-2400-training'),
  row('V.27ter', 4800, 'v27-4800', 'v27-4800-training'),
  row('V.29', 7200, 'v29-7200', 'v29-7200-training'),
  row('V.29', 9600, 'v29-9600', 'v29-9600-training'),
  row('V.17', 7200, 'v17-7200', 'v17-7200-long-training', 'v17-7200-short-training'),
  row('V.17', 9600, 'v17-9600', 'v17-9600-long-training', 'v17-9600-short-training'),
  row('V.17', 12000, 'v17-12000', 'v17-12000-long-training', 'v17-12000-short-training'),
  row('V.17', 14400, 'v17-14400', 'v17-14400-long-training', 'v17-14400-short-training'),
];

const BY_DATA_TYPE: ReadonlyMap<DataType, Carrier> = new Map<DataType, Carrier>([
  ['v21', 'V.21'],
  ...MODEMS.map(({ dataType, modem }): [DataType, Carrier] => [dataType, modem]),
]);

const BY_INDICATOR: ReadonlyMap<Indicator, Carrier> = new Map<Indicator, Carrier>([
  ['v21-preamble', 'V.21'],
  ...MODEMS.flatMap(({ training, resync, modem }): [Indicator, Carrier][] => [
    [training, modem],
    [resync, modem],
  ]),
]);

/** The carrier that data belong to; undefined for those of V.8, V.33 and V.34, which we never agree on. */
export function carrierOfData(dataType: DataType): Carrier | undefined {
  return BY_DATA_TYPE.get(dataType);
}

/** The carrier that an indicator announces; undefined for tones, silence, V.8, V.33 and V.34. */
export function carrierOfIndicator(indicator: Indicator): Carrier | undefined {
  return BY_INDICATOR.get(indicator);
}

/** What a modem is called in T.38. @throws RangeError when T.38 does not know it. */
export function namesOf({ modulation, rate }: Modem): Omit<Row, 'modem'> {
  const found = MODEMS.find(({ modem }) => modem.modulation === modulation && modem.rate === rate);
  if (found === undefined) throw new RangeError(`T.38 knows no ${modulation} at ${rate} bit/s`);
  return found;
}
