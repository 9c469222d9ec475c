import { useEffect, useState } from 'preact/hooks';
import { Button, Form, SelectField, TextField } from './components/index.ts';
import { STATES } from './components/state.tsx';
import { plainNumber } from './number-filter.ts';
import { useLoad } from './session.tsx';

/** What a person asks for, as it stands in the address; empty: everything. */
export type WantedFaxes = Readonly<
  Record<'account' | 'state' | 'direction' | 'number' | 'tag' | 'since' | 'until', string>
>;

const NOTHING: WantedFaxes = { account: '', state: '', direction: '', number: '', tag: '', since: '', until: '' };

const CHOICES: readonly (readonly [string, string])[] = [
  ['', 'any'],
  ['unfinished', 'not ended yet'],
  ['ended_badly', 'failed, partly delivered or uncertain'],
  ...Object.entries(STATES).map(([state, [, text]]) => [state, text] as const),
];

/** The fields by which faxes are found. */
export function FaxFilterForm({
  query,
  onFilter,
}: {
  readonly query: URLSearchParams;
  readonly onFilter: (wanted: WantedFaxes) => void;
}) {
  const text = query.toString();
  const [wanted, setWanted] = useState<WantedFaxes>(wantedOf(query));
  useEffect(() => setWanted(wantedOf(query)), [text]);
  const field = (name: keyof WantedFaxes) => ({
    value: wanted[name],
    onInput: (value: string) => setWanted({ ...wanted, [name]: value }),
  });
  return (
    <Form label="Which faxes" inline onSubmit={() => onFilter({ ...wanted, number: plainNumber(wanted.number) })}>
      <AccountField {...field('account')} />
      <SelectField label="State" options={CHOICES} {...field('state')} />
      <SelectField label="Way" options={WAYS} {...field('direction')} />
      <TextField label="Number" type="tel" placeholder="+49301234567" {...field('number')} />
      <TextField label="Tag" placeholder="name:value" {...field('tag')} />
      <TextField label="From day" type="date" {...field('since')} />
      <TextField label="To day" type="date" {...field('until')} />
      <p class="actions">
        <Button kind="main" type="submit">
          Find
        </Button>
        <Button onPress={() => onFilter(NOTHING)}>All</Button>
      </p>
    </Form>
  );
}

/** Choices of a direction. */
export const WAYS: readonly (readonly [string, string])[] = [
  ['', 'both'],
  ['outbound', 'sent'],
  ['inbound', 'received'],
];

/** One account, or all. */
export function AccountField({
  value,
  onInput,
}: {
  readonly value: string;
  readonly onInput: (value: string) => void;
}) {
  const { value: accounts = [] } = useLoad((admin) => admin.accounts(), []);
  const options = accounts.map(({ id, name }) => [id, name] as const);
  return <SelectField label="Account" options={[['', 'all'], ...options]} value={value} onInput={onInput} />;
}

function wantedOf(query: URLSearchParams): WantedFaxes {
  const of = (name: keyof WantedFaxes) => query.get(name) ?? '';
  return {
    ...{ account: of('account'), state: of('state'), direction: of('direction'), number: of('number') },
    ...{ tag: of('tag'), since: of('since'), until: of('until') },
  };
}
