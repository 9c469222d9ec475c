// Health check of a container: asks the gateway's health listener on this host; exit 0 when it is alive (or, with the
// word `ready`, when everything that a fax needs answers).
const path = process.argv[2] === 'ready' ? '/readyz' : '/healthz';
const port = process.env.SEALFAX_METRICS_PORT ?? '9464';
try {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(4_000) });
  if (!answer.ok) process.stderr.write(`${path} answered ${answer.status}: ${await answer.text()}\n`);
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  process.stderr.write(`${path} does not answer: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
