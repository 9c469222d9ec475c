import { useEffect, useState } from 'preact/hooks';
import { Button, CheckField, Form, SelectField, TextField } from '../../components/index.ts';
import { RESULTS } from '../../components/state.tsx';
import { AccountField, WAYS } from '../../fax-filter.tsx';
import { plainNumber } from '../../number-filter.ts';
import { DIMENSIONS, GROUPS, PERIODS, TOPS, type WantedReport } from '../../report-query.ts';
import { SeenFields } from '../../seen-fields.tsx';

const RESULT_CHOICES: readonly (readonly [string, string])[] = [
  ['', 'any'],
  ...Object.entries(RESULTS).map(([result, [, text]]) => [result, text] as const),
];

/** What a report counts, and how it tells calls apart. */
export function ReportForm({
  wanted: asked,
  onAsk,
}: {
  readonly wanted: WantedReport;
  readonly onAsk: (wanted: WantedReport) => void;
}) {
  const [wanted, setWanted] = useState(asked);
  useEffect(() => setWanted(asked), [JSON.stringify(asked)]);
  const field = (name: Exclude<keyof WantedReport, 'percentiles'>) => ({
    value: wanted[name],
    onInput: (value: string) => setWanted({ ...wanted, [name]: value }),
  });
  return (
    <Form label="What to count" inline onSubmit={() => onAsk({ ...wanted, number: plainNumber(wanted.number) })}>
      <SelectField label="When" options={PERIODS} {...field('period')} />
      {wanted.period === '' ? (
        <>
          <TextField label="From day" type="date" {...field('since')} />
          <TextField label="To day" type="date" {...field('until')} />
        </>
      ) : null}
      <SelectField label="By time" options={GROUPS} {...field('group')} />
      <SelectField label="Told apart by" options={DIMENSIONS} {...field('by')} />
      {wanted.by === '' ? null : <SelectField label="And within by" options={DIMENSIONS} {...field('and')} />}
      <SelectField label="Lines" options={TOPS} {...field('top')} />
      <AccountField {...field('account')} />
      <SelectField label="Way" options={WAYS} {...field('direction')} />
      <SelectField label="Result" options={RESULT_CHOICES} {...field('result')} />
      <SeenFields field={field} />
      <TextField label="Number" placeholder="+4930*" {...field('number')} />
      <CheckField
        label="Times to the answer, and of open lines"
        checked={wanted.percentiles}
        onInput={(percentiles) => setWanted({ ...wanted, percentiles })}
      />
      <p class="actions">
        <Button kind="main" type="submit">
          Count
        </Button>
      </p>
    </Form>
  );
}
