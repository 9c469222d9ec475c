import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from '../../gateway/ports/log.ts';
import { CATALOGUE, type SeriesFacts } from './catalogue.ts';

/** Prometheus metrics of the catalogue. */
export interface MetricsRegistry extends Metrics {
  /** The exposition format, text. */
  page(): Promise<string>;
  readonly contentType: string;
}

/** Seconds from a millisecond to the length of a long call. */
const BUCKETS = [0.001, 0.005, 0.02, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300, 1_800];

/**
 * A registry with every series of the catalogue and the process's own figures. Measuring never disturbs what is
 * measured: a name outside of the catalogue is dropped, a label that is not given is empty, a surplus one is dropped.
 */
export function createMetrics(): MetricsRegistry {
  const register = new Registry();
  collectDefaultMetrics({ register, prefix: 'sealfax_' });
  const counters = series('counter', (facts) => new Counter({ ...facts, registers: [register] }));
  const gauges = series('gauge', (facts) => new Gauge({ ...facts, registers: [register] }));
  const histograms = series(
    'histogram',
    (facts) => new Histogram({ ...facts, buckets: BUCKETS, registers: [register] }),
  );
  return {
    count: (name, labels, by = 1) => counters.get(name)?.inc(fit(name, labels), by),
    gauge: (name, value, labels) => gauges.get(name)?.set(fit(name, labels), value),
    observe: (name, value, labels) => histograms.get(name)?.observe(fit(name, labels), value),
    page: () => register.metrics(),
    contentType: register.contentType,
  };
}

interface Described {
  readonly name: string;
  readonly help: string;
  readonly labelNames: string[];
}

function series<T>(kind: SeriesFacts['kind'], make: (facts: Described) => T): ReadonlyMap<string, T> {
  const ours = Object.entries(CATALOGUE).filter(([, facts]) => facts.kind === kind);
  return new Map(
    ours.map(([name, { help, labels }]) => [name, make({ name: `sealfax_${name}`, help, labelNames: [...labels] })]),
  );
}

function fit(name: string, labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries((CATALOGUE[name]?.labels ?? []).map((label) => [label, labels[label] ?? '']));
}
