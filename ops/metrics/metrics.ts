import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from '../../gateway/ports/log.ts';

/** Prometheus metrics. A series is made at its first use; its label names are those of that use. */
export interface MetricsRegistry extends Metrics {
  /** The exposition format, text. */
  page(): Promise<string>;
  readonly contentType: string;
}

/** Seconds from a millisecond to the length of a long call. */
const BUCKETS = [0.001, 0.005, 0.02, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300, 1_800];

/** An empty registry with the process's own figures. */
export function createMetrics(): MetricsRegistry {
  const register = new Registry();
  collectDefaultMetrics({ register, prefix: 'sealfax_' });
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  return {
    count(name, labels = {}, by = 1) {
      const make = () => new Counter({ ...described(name, labels), registers: [register] });
      known(counters, name, make).inc(labels, by);
    },
    gauge(name, value, labels = {}) {
      const make = () => new Gauge({ ...described(name, labels), registers: [register] });
      known(gauges, name, make).set(labels, value);
    },
    observe(name, seconds, labels = {}) {
      const make = () => new Histogram({ ...described(name, labels), buckets: BUCKETS, registers: [register] });
      known(histograms, name, make).observe(labels, seconds);
    },
    page: () => register.metrics(),
    contentType: register.contentType,
  };
}

function described(name: string, labels: Record<string, string>) {
  return { name: `sealfax_${name}`, help: name.replaceAll('_', ' '), labelNames: Object.keys(labels) };
}

function known<T>(series: Map<string, T>, name: string, make: () => T): T {
  const one = series.get(name) ?? make();
  series.set(name, one);
  return one;
}
