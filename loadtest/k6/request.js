// The same request as wrk/request.lua sends: URL and headers come from loadtest/scenarios.py through the environment.
import http from 'k6/http';
import { check } from 'k6';

const headers = {};
for (const line of (__ENV.LOADTEST_HEADERS || '').split('\n')) {
  const at = line.indexOf('=');
  if (at > 0) headers[line.slice(0, at)] = line.slice(at + 1);
}

export const options = {
  vus: Number(__ENV.LOADTEST_CONNECTIONS || 16),
  duration: `${__ENV.LOADTEST_SECONDS || 5}s`,
  thresholds: { checks: ['rate==1'] },
  summaryTrendStats: ['med', 'p(99)'],
};

export default function () {
  const reply = http.get(__ENV.LOADTEST_URL, { headers });
  check(reply, { 'status is 200': (r) => r.status === 200 });
}
