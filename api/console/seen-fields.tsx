import type { CdrSum } from '../client/browser.ts';
import { SelectField } from './components/index.ts';
import { words } from './format.ts';
import { placeName } from './places.ts';
import { useLoad } from './session.tsx';

/** What calls can be told by that only the gateway knows the values of. */
type Name = 'carrier' | 'country' | 'cause';

/** The values of now, and who hears of another one. */
export type SeenField = (name: Name) => { readonly value: string; readonly onInput: (value: string) => void };

/** Carrier, country and cause: those of the last 30 days, and the one that is asked for already. */
export function SeenFields({ field }: { readonly field: SeenField }) {
  const { value: report } = useLoad(
    (admin) => admin.cdrSummary({ period: 'last_30_days', group: 'total', by: ['carrier', 'country', 'cause'] }),
    [],
  );
  const sums = report?.items ?? [];
  return (
    <>
      <SelectField label="Carrier" options={choicesOf(sums, 'carrier', field)} {...field('carrier')} />
      <SelectField label="Country" options={choicesOf(sums, 'country', field, placeName)} {...field('country')} />
      <SelectField label="Cause" options={choicesOf(sums, 'cause', field, words)} {...field('cause')} />
    </>
  );
}

function choicesOf(
  sums: readonly CdrSum[],
  name: Name,
  field: SeenField,
  write: (value: string) => string = (value) => value,
): (readonly [string, string])[] {
  const seen = new Set([field(name).value, ...sums.map((sum) => sum[name] ?? '')].filter((value) => value !== ''));
  const named = [...seen].map((value) => [value, write(value)] as const);
  return [['', 'any'], ...named.sort(([, a], [, b]) => a.localeCompare(b, 'en'))];
}
