import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** What all fields share. */
export interface FieldParts {
  readonly label: string;
  /** A line below it. */
  readonly hint?: ComponentChildren;
  /** What is wrong with it, such as `fault.fields['/name']`. */
  readonly error?: string | undefined;
  readonly disabled?: boolean;
  readonly required?: boolean;
}

/** What an input needs to be tied to its label, hint and error. */
interface Ties {
  readonly id: string;
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid'?: boolean;
}

function Framed({ label, hint, error, required, input }: FieldParts & { input: (ties: Ties) => ComponentChildren }) {
  const id = useId();
  const told = [hint === undefined ? '' : `${id}-hint`, error === undefined ? '' : `${id}-error`].filter(Boolean);
  const ties: Ties = {
    id,
    ...(told.length === 0 ? {} : { 'aria-describedby': told.join(' ') }),
    ...(error === undefined ? {} : { 'aria-invalid': true }),
  };
  return (
    <div class="field">
      <label for={id}>
        {label}
        {required === true ? <span class="required"> (needed)</span> : null}
      </label>
      {input(ties)}
      {hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error === undefined ? null : (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

/** Kinds of text; a table, because the types of an input's attributes differ from kind to kind. */
const KINDS = {
  text: { type: 'text' },
  password: { type: 'password' },
  search: { type: 'search' },
  tel: { type: 'tel' },
  url: { type: 'url' },
  date: { type: 'date' },
  time: { type: 'time' },
  'datetime-local': { type: 'datetime-local' },
} as const;

/** One line of text, or several with `rows`. */
export function TextField({
  value,
  onInput,
  type = 'text',
  rows,
  autocomplete = 'off',
  inputMode,
  placeholder,
  mono,
  ...frame
}: FieldParts & {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: keyof typeof KINDS;
  readonly rows?: number;
  readonly autocomplete?: string;
  readonly inputMode?: 'text' | 'numeric' | 'tel';
  readonly placeholder?: string;
  /** Keys, numbers and addresses: every character counts. */
  readonly mono?: boolean;
}) {
  const given = {
    value,
    ...(placeholder === undefined ? {} : { placeholder }),
    ...(inputMode === undefined ? {} : { inputMode }),
    autocomplete,
    spellcheck: false,
    required: frame.required === true,
    disabled: frame.disabled === true,
    class: mono === true ? 'mono' : '',
  };
  const input = (ties: Ties) =>
    rows === undefined ? (
      <input {...ties} {...given} {...KINDS[type]} onInput={(event) => onInput(event.currentTarget.value)} />
    ) : (
      <textarea {...ties} {...given} rows={rows} onInput={(event) => onInput(event.currentTarget.value)} />
    );
  return <Framed {...frame} input={input} />;
}

/** A whole number, or null when the field is empty. */
export function NumberField({
  value,
  onInput,
  min,
  max,
  step = 1,
  ...frame
}: FieldParts & {
  readonly value: number | null;
  readonly onInput: (value: number | null) => void;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number | 'any';
}) {
  const input = (ties: Ties) => (
    <input
      {...ties}
      type="number"
      value={value ?? ''}
      {...(min === undefined ? {} : { min })}
      {...(max === undefined ? {} : { max })}
      step={step}
      required={frame.required === true}
      disabled={frame.disabled === true}
      onInput={({ currentTarget }) => onInput(currentTarget.value === '' ? null : Number(currentTarget.value))}
    />
  );
  return <Framed {...frame} input={input} />;
}

/** One of several: pairs of value and what a person reads. */
export function SelectField({
  value,
  options,
  onInput,
  ...frame
}: FieldParts & {
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onInput: (value: string) => void;
}) {
  const input = (ties: Ties) => (
    <select
      {...ties}
      value={value}
      disabled={frame.disabled === true}
      onChange={(event) => onInput(event.currentTarget.value)}
    >
      {options.map(([one, text]) => (
        <option key={one} value={one}>
          {text}
        </option>
      ))}
    </select>
  );
  return <Framed {...frame} input={input} />;
}

/** Yes or no. */
export function CheckField({
  label,
  hint,
  error,
  disabled,
  checked,
  onInput,
}: FieldParts & { readonly checked: boolean; readonly onInput: (checked: boolean) => void }) {
  const id = useId();
  const told = hint === undefined && error === undefined ? {} : { 'aria-describedby': `${id}-told` };
  return (
    <div class="field check">
      <input
        type="checkbox"
        id={id}
        {...told}
        checked={checked}
        disabled={disabled === true}
        onChange={(event) => onInput(event.currentTarget.checked)}
      />
      <label for={id}>{label}</label>
      {hint === undefined && error === undefined ? null : (
        <p class={error === undefined ? 'hint' : 'field-error'} id={`${id}-told`}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}

/** A form that is sent by Enter or its submit button, and never by the browser itself. */
export function Form({
  label,
  onSubmit,
  children,
  inline,
}: {
  readonly label: string;
  readonly onSubmit: () => void;
  readonly children: ComponentChildren;
  /** Fields side by side: filters. */
  readonly inline?: boolean;
}) {
  return (
    <form
      aria-label={label}
      class={inline === true ? 'form inline' : 'form'}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}
