import { CheckField, NumberField, Panel, SelectField, TextField } from '../../components/index.ts';
import type { CoverText, FaxForm } from '../../send-form.ts';
import { useLoad } from '../../session.tsx';
import type { FormParts } from './receiver.tsx';

/** Lines of paper an inch, by the names that T.30 gives them. */
const RESOLUTIONS = [
  ['standard', 'standard: 98 lines per inch, quickest'],
  ['fine', 'fine: 196 lines per inch, for most text'],
  ['superfine', 'superfine: 391 lines per inch, for small print'],
] as const;

const HALFTONES = [
  ['auto', 'as the page needs it'],
  ['text', 'text and drawings: black or white'],
  ['photo', 'photographs: dots'],
] as const;

/** How documents become pages, what stands on top of them, and when they go. */
export function FaxOptions({ form, wrong, onType }: FormParts) {
  return (
    <div class="columns">
      <Panel title="Pages">
        <SelectField
          label="Resolution"
          value={form.resolution}
          options={RESOLUTIONS}
          error={wrong['/resolution']}
          onInput={(resolution) => onType({ resolution: resolution as FaxForm['resolution'] })}
        />
        <SelectField
          label="Grey"
          value={form.halftone}
          options={HALFTONES}
          onInput={(halftone) => onType({ halftone: halftone as FaxForm['halftone'] })}
        />
        <NumberField
          label="Contrast"
          hint="−100 is lightest, 100 darkest."
          value={form.contrast}
          min={-100}
          max={100}
          error={wrong['/contrast']}
          onInput={(contrast) => onType({ contrast: contrast ?? 0 })}
        />
        <SelectField
          label="Paper of documents that have none"
          value={form.paper}
          options={[
            ['a4', 'A4'],
            ['letter', 'US Letter'],
          ]}
          onInput={(paper) => onType({ paper: paper as FaxForm['paper'] })}
        />
        <CheckField
          label="A line with sender, time and page at the top of each page"
          checked={form.header}
          onInput={(header) => onType({ header })}
        />
        {form.header ? (
          <TextField
            label="Name in that line"
            hint="Left empty: the one of the account."
            value={form.senderName}
            error={wrong['/senderName']}
            onInput={(senderName) => onType({ senderName })}
          />
        ) : null}
        <TextField
          label="Not before"
          hint="Left empty: as soon as you have released it."
          type="datetime-local"
          value={form.scheduledAt}
          error={wrong['/scheduledAt']}
          onInput={(scheduledAt) => onType({ scheduledAt })}
        />
      </Panel>
      <Cover form={form} wrong={wrong} onType={onType} />
    </div>
  );
}

/** Fields of a cover and how many lines they have. */
const FIELDS: readonly (readonly [keyof CoverText, label: string, rows?: number])[] = [
  ['to', 'Who it is for'],
  ['from', 'Who it is from'],
  ['company', 'Company'],
  ['subject', 'Subject'],
  ['note', 'Note', 4],
];

function Cover({ form: { account, cover, coverText }, wrong, onType }: FormParts) {
  const own = useLoad((admin) => admin.covers(account), [account]);
  const forms = (own.value ?? []).map(({ name }) => [name, `${name} (form of the account)`] as const);
  return (
    <Panel title="Cover page">
      <SelectField
        label="Cover"
        value={cover}
        error={wrong['/cover/template']}
        options={[['', 'none'], ['letter', 'letter'], ['form', 'form'], ...forms]}
        onInput={(name) => onType({ cover: name })}
      />
      {cover === ''
        ? null
        : FIELDS.map(([name, label, rows]) => (
            <TextField
              key={name}
              label={label}
              value={coverText[name]}
              error={wrong[`/cover/${name}`]}
              {...(rows === undefined ? {} : { rows })}
              onInput={(text) => onType({ coverText: { ...coverText, [name]: text } })}
            />
          ))}
    </Panel>
  );
}
