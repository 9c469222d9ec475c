import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

/** The heading of a page, with what can be done there beside it. The focus comes here when the page opens. */
export function PageHead({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  const place = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Sealfax console`;
    place.current?.focus();
  }, [title]);
  return (
    <header class="page-head">
      <h1 ref={place} tabIndex={-1}>
        {title}
      </h1>
      {children === undefined ? null : <div class="actions">{children}</div>}
    </header>
  );
}

/** A part of a page with a heading. */
export function Panel({
  title,
  aside,
  children,
}: {
  readonly title: string;
  /** Beside the heading: a link or a button. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  const id = useId();
  return (
    <section class="panel" aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** Names and values below each other: the properties of one thing. */
export function Facts({ of }: { readonly of: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A number that matters, with what it counts below it. */
export function Figure({ value, label, to }: { readonly value: string; readonly label: string; readonly to?: string }) {
  const inner = (
    <>
      <span class="figure-value">{value}</span>
      <span class="figure-label">{label}</span>
    </>
  );
  return to === undefined ? (
    <div class="figure">{inner}</div>
  ) : (
    <a class="figure" href={to}>
      {inner}
    </a>
  );
}
