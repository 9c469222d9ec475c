/** How a state is meant, apart from its word: each has a colour and a shape of its own. */
export type MarkKind = 'good' | 'warning' | 'bad' | 'busy' | 'idle';

const SHAPES: Readonly<Record<MarkKind, string>> = { good: '✓', warning: '▲', bad: '✕', busy: '●', idle: '○' };

/** A state in a word, with a shape beside its colour. */
export function Mark({ kind, children }: { readonly kind: MarkKind; readonly children: string }) {
  return (
    <span class={`mark ${kind}`}>
      <span aria-hidden="true">{SHAPES[kind]}</span> {children}
    </span>
  );
}
